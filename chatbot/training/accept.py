"""Make an intent of a discovered group. In: a group, a name, what the bot should say. Out: the diff of the corpus.

Knows no screen; asks nobody.
"""

from __future__ import annotations

from pathlib import Path

from chatbot.corpus.write import add_examples, add_intent
from chatbot.training.discover import Group
from chatbot.types import Intent


def write_group(root: Path, group: Group, name: str, replies: tuple[str, ...], description: str = "") -> str:
    """Write the group's lines as the examples of a new intent, or as further examples of the intent of that name.

    Raises
    ------
    CorpusError
        when the name is no word, or a line stands under another intent.
    """
    lines = tuple(dict.fromkeys(group.texts))
    if any(path.stem == name for path in (root / "intents").glob("*.y*ml")):
        return add_examples(root, name, lines)
    return add_intent(root, Intent(name, description, lines, replies))
