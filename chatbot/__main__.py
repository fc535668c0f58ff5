"""The entry point of `chatbot` and `python -m chatbot`: errors raised on purpose become one line and exit code 1."""

from __future__ import annotations

import os
import sys

import chatbot.cli
from chatbot.errors import ChatbotError, StoreError


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 failed, 2 wrong use."""
    try:
        chatbot.cli.app()
    except StoreError as error:
        from chatbot.app.opening import told

        print(f"chatbot: {told(error)}", file=sys.stderr)
        raise SystemExit(1) from error
    except ChatbotError as error:
        print(f"chatbot: {error}", file=sys.stderr)
        raise SystemExit(1) from error
    except BrokenPipeError:
        # The reader (head, less) has gone: nobody is left to tell, and the interpreter must not try to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
