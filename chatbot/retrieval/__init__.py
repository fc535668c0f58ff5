"""Finding an answer that is already written: vectors, words and characters, fused."""
