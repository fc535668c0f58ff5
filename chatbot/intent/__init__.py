"""Understanding: which intent an utterance has, and whether the bot knows it at all."""
