"""The generator: sequence to sequence with attention, one textbook part a file.

`train.train_responder` teaches a `generator.Generator`; `responder.Seq2SeqResponder` puts it into the dialogue.
"""
