"""From the web to corpus/crawled/, politely and without loss."""
