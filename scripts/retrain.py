"""Teach the bot again from its corpus: the same as `chatbot train all`, with the same options."""

from __future__ import annotations

import sys

from chatbot.__main__ import main

if __name__ == "__main__":
    sys.argv[1:1] = ["train", "all"]
    main()
