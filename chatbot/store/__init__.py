"""Conversations and feedback on disk. Knows nothing of dialogue: a state is a mapping, a turn a frozen value."""

from chatbot.store.memory import MemoryStore
from chatbot.store.protocol import Note, Received, Remembered, ReviewItem, Store, Thought

__all__ = ["MemoryStore", "Note", "Received", "Remembered", "ReviewItem", "Store", "Thought"]
