"""The generator: sequence to sequence with attention, one textbook part a file."""
