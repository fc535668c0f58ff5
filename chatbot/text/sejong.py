"""Bring every analyzer's tags under Sejong's tag set. In: a native tag and the form; out: a Sejong tag.

The tables lie in sejong.tsv. Knows nothing of the analyzers themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources

_NO_LETTERS = re.compile(r"[\W_ㄱ-ㅎㅏ-ㅣ]+")  # marks, emoji, ㅋㅋ, ㅠㅠ
_SENTENCE_END = re.compile(r"[.!?]+")
# Analyzers differ on what is no word at all, so the form decides; tags of words are left to the table.
_MARKS = frozenset({"SF", "SP", "SS", "SE", "SO", "SW"})


def to_sejong(analyzer: str, native_tag: str, form: str) -> str:
    """The Sejong tag of `form` that `analyzer` tagged as `native_tag`. What it could not analyse counts as a noun."""
    tag = _table(analyzer).get(native_tag, native_tag)
    if tag[:1] not in "EJ" and _NO_LETTERS.fullmatch(form):  # endings may be a jamo alone (ㄴ, ㄹ)
        if tag in _MARKS and tag != "SF":
            return tag
        return "SF" if _SENTENCE_END.fullmatch(form) else "SW"
    return "NNG" if tag == "NA" else tag


@cache
def _table(analyzer: str) -> Mapping[str, str]:
    text = resources.files("chatbot.text").joinpath("sejong.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {native: sejong for name, native, sejong in rows if name == analyzer}
