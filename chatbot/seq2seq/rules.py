"""What is wrong with a reply, by rule. In: a question and a reply. Out: the names of its faults. Knows no model."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from chatbot.errors import CorpusError
from chatbot.seq2seq.codec import levels_in
from chatbot.types import SpeechLevel

_WORD = re.compile(r"[^\W_]+")
_AGAIN = re.compile(r"(.{2,}?)\1{2,}")
_LAUGH = re.compile(r"[ㄱ-ㅎㅏ-ㅣ~.!?…]+")


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern that no reply may match, and what would be wrong with it."""

    pattern: re.Pattern[str]
    reason: str


@cache
def read_rules(name: str) -> tuple[Rule, ...]:
    """The rules of a file that lies beside this module."""
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    rules = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("# "):
            continue
        pattern, tab, reason = line.partition("\t")
        try:
            compiled = re.compile(pattern)
        except re.error as error:
            raise CorpusError(f"{name}:{number}: not a regular expression: {error}") from error
        if not tab or not reason:
            raise CorpusError(f"{name}:{number}: expected a pattern, a tab and a reason")
        rules.append(Rule(compiled, reason))
    return tuple(rules)


def persona_fault(reply: str) -> str:
    """What the reply claims that a program cannot be or do; empty when nothing."""
    return _broken("persona.tsv", reply)


def manners_fault(reply: str) -> str:
    """Why nobody likes to hear the reply (it scolds, orders, says nothing); empty when there is no reason."""
    return _broken("manners.tsv", reply)


def _broken(name: str, reply: str) -> str:
    return next((rule.reason for rule in read_rules(name) if rule.pattern.search(reply)), "")


def is_looping(text: str) -> bool:
    """Whether the text goes round: a piece three times running, one word three times running or half the words one,
    or three words in a row that come again."""
    if _AGAIN.search(_LAUGH.sub("", text).replace(" ", "")):
        return True
    words = _WORD.findall(text)
    if any(a == b == c for a, b, c in zip(words, words[1:], words[2:], strict=False)):
        return True
    if len(words) >= 6 and max(words.count(word) for word in words) * 2 > len(words):
        return True
    triples = list(zip(words, words[1:], words[2:], strict=False))
    return len(triples) != len(set(triples))


def mixes_levels(reply: str) -> bool:
    """Whether the sentences end in different speech levels (좋아요. 그렇지?)."""
    return len(levels_in(reply)) > 1


def is_echo(question: str, reply: str) -> bool:
    """Whether the reply only says the question again."""
    said, answered = ("".join(_WORD.findall(text)) for text in (question, reply))
    return bool(answered) and (answered == said or (len(answered) >= 6 and answered in said))


def copies_insult(question: str, reply: str, insults: Callable[[str], bool]) -> bool:
    """Whether a word that stands in both is an insult."""
    shared = set(_WORD.findall(question)) & set(_WORD.findall(reply))
    return insults(reply) or any(insults(word) for word in shared)


def faults(
    question: str,
    reply: str,
    *,
    insults: Callable[[str], bool] | None = None,
    recent: Sequence[str] = (),
    level: SpeechLevel | None = None,
) -> tuple[str, ...]:
    """The names of everything wrong with `reply`.

    Parameters
    ----------
    insults
        says whether a text holds an insult; without it insults are not looked for.
    recent
        what the bot said lately, which it should not say again.
    level
        the speech level that every sentence must end in; without it any one does.
    """
    found = []
    if not _WORD.search(reply):
        return ("empty",)
    if "\ufffd" in reply or any(unicodedata.category(c).startswith("C") for c in reply):
        found.append("unreadable")
    if is_looping(reply):
        found.append("looping")
    if is_echo(question, reply):
        found.append("echo")
    if mixes_levels(reply):
        found.append("mixed speech levels")
    elif level is not None and levels_in(reply) != {level}:
        found.append("another speech level")
    if persona_fault(reply):
        found.append("persona")
    if manners_fault(reply):
        found.append("manners")
    if insults is not None and copies_insult(question, reply, insults):
        found.append("insult")
    if reply in recent:
        found.append("repeated")
    return tuple(found)
