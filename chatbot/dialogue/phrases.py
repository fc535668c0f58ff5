"""What the bot says by itself (greeting, fallback, "try again"), from corpus/phrases.yaml. Knows nothing of models."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from chatbot.errors import CorpusError
from chatbot.text.josa import fill

# The slot of a wording or reply that holds the bot's own name.
BOT_NAME = "봇이름"
# Letters from which the same end makes two lines sound the same.
LONG_END = 6


@dataclass(frozen=True, slots=True)
class Phrases:
    """Wordings by occasion; `name` is the bot's own name."""

    wordings: Mapping[str, Sequence[str]]
    name: str

    @classmethod
    def load(cls, path: Path, name: str, defaults: Path) -> Phrases:
        """Read the file; an occasion that it leaves out (it may be older than the code) is taken from `defaults`.

        Raises `CorpusError` when a file is no mapping from an occasion to wordings.
        """
        return cls({**_read(defaults), **_read(path)}, name)

    def say(self, occasion: str, rng: random.Random, recent: Collection[str] = (), **slots: str) -> str:
        """One wording, not one of `recent` if another is left, nor one that ends as one of them did."""
        filled = {wording: fill(wording, {BOT_NAME: self.name, **slots}) for wording in self.wordings[occasion]}
        fresh = [wording for wording, said in filled.items() if said not in recent]
        other = [wording for wording in fresh if not _ends_one_of(wording, recent)]
        return filled[rng.choice(other or fresh or list(filled))]


def _ends_one_of(wording: str, recent: Collection[str]) -> bool:
    """Whether what stands behind the last slot of a wording was said lately."""
    end = wording.rpartition("}")[2].strip() if "}" in wording else ""
    return len(end) >= LONG_END and any(reply.endswith(end) for reply in recent)


def _read(path: Path) -> dict[str, list[str]]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (OSError, yaml.YAMLError) as error:
        raise CorpusError(f"{path}: cannot be read: {error}") from error
    if not isinstance(values, dict) or not all(isinstance(v, list) and v for v in values.values()):
        raise CorpusError(f"{path}: expected occasions, each with a list of wordings")
    return {key: [str(wording) for wording in value] for key, value in values.items()}
