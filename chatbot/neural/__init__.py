"""Parts shared by the models: devices, batches and masks, checkpoints, the sentence encoder."""
