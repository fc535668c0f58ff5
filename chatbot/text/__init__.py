"""Korean text: from what people type to what models read. Knows nothing of tensors or replies."""
