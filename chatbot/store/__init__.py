"""Conversations and feedback on disk."""
