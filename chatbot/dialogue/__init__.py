"""From an utterance and a state to one response and a new state."""
