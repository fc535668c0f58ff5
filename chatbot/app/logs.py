"""How log lines look, in the command line and in the processes it starts."""

import logging


def log_lines(level: int) -> None:
    """Write lines of `level` and above to stderr."""
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
