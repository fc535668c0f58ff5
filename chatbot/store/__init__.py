"""Conversations and feedback on disk. Knows nothing of dialogue: a state is a mapping, a turn a frozen value."""

from chatbot.store.memory import MemoryStore
from chatbot.store.protocol import Chosen, Note, Received, Remembered, ReviewItem, Store, Thought

__all__ = ["Chosen", "MemoryStore", "Note", "Received", "Remembered", "ReviewItem", "Store", "Thought"]
