"""Crawl the sources of corpus/sources.yaml, as `chatbot crawl` does: python scripts/crawl.py [its options]."""

from __future__ import annotations

import sys

from chatbot.__main__ import main

if __name__ == "__main__":
    sys.argv.insert(1, "crawl")
    main()
