"""Make an intent of a discovered group. In: a group, a name, what the bot should say. Out: the diff of the corpus.

Knows no screen; asks nobody.
"""

from __future__ import annotations

from pathlib import Path

from chatbot.corpus.read import read_intent
from chatbot.corpus.write import add_examples, add_intent
from chatbot.errors import CorpusError
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
    intents = [read_intent(path) for path in sorted((root / "intents").glob("*.y*ml"))]
    if any(intent.name == name for intent in intents):
        return add_examples(root, name, lines)
    for intent in intents:
        if twice := set(lines) & set(intent.examples):
            raise CorpusError(f"{min(twice)!r} stands under {intent.name} already; one utterance, one intent")
    return add_intent(root, Intent(name, description, lines, replies))
