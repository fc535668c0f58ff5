"""The outside: each turns a message into an Utterance and a Response into a message, and owns no logic."""
