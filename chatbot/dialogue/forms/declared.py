"""A form as its file declares it (corpus/forms/*.yaml). In: a folder. Out: forms: what they ask, refuse and say.

Knows nothing of conversations.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from chatbot.errors import CorpusError
from chatbot.text.josa import fill

# What every form says, by occasion, and why a value may be refused.
PHRASES = (
    "done", "changed", "resume", "cancelled", "dropped", "nothing", "shown", "which", "kept", "no_such", "complete",
    "lost", "lost_in_danger", "picked",
)  # fmt: skip
FAULTS = ("past", "too_little", "too_much")


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing to be known: `kind` is "text" or an entity kind.

    `future` refuses a day that is over; `least` and `most` bound a length (ISO 8601), the latter for each day of slot
    `per`; `unit` stands behind a bare number; `default` is taken, in people's words, where the user leaves it open
    (아무 때나). `refusals` are the words for each of `FAULTS`.
    """

    name: str
    kind: str
    prompts: tuple[str, ...]
    invalid: tuple[str, ...]
    future: bool = False
    least: str = ""
    most: str = ""
    per: str = ""
    unit: str = ""
    default: str = ""
    refusals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Form:
    """One form; `about` are the words that speak of the form itself and are no value: 공부, 계획."""

    name: str
    start: str
    cancel: str
    show: str
    slots: tuple[Slot, ...]
    phrases: Mapping[str, tuple[str, ...]]
    item: str
    brief: str
    about: frozenset[str]

    def slot(self, name: str) -> Slot:
        return next(slot for slot in self.slots if slot.name == name)

    @property
    def text_slot(self) -> Slot | None:
        """The slot that takes any short phrase."""
        return next((slot for slot in self.slots if slot.kind == "text"), None)

    def say(self, occasion: str, rng: random.Random, values: Mapping[str, str]) -> str:
        """One wording of `occasion` with its slots filled."""
        return fill(rng.choice(self.phrases[occasion]), in_sentence(values))

    def listed(self, made: tuple[Mapping[str, str], ...]) -> str:
        """12월 5일(토) 수학, 12월 6일(일) 영어."""
        return ", ".join(fill(self.brief, one) for one in made)


def in_sentence(values: Mapping[str, str]) -> dict[str, str]:
    """Each value also with 에 behind it, where Korean puts one: {날짜에} is 내일에, but 내일까지."""
    with_particle = {
        f"{name}에": value if value.endswith("까지") or "~" in value else f"{value}에"
        for name, value in values.items()
    }
    return {**values, **with_particle}


def read_forms(folder: Path, defaults: Path | None = None) -> list[Form]:
    """Every form of `folder`. What a file leaves out (it may be older than the code) is taken from the file of the
    same name in `defaults`.

    Raises `CorpusError` when something is still missing.
    """
    return [_read_form(path, defaults / path.name if defaults else None) for path in sorted(folder.glob("*.y*ml"))]


def _read_form(path: Path, default: Path | None) -> Form:
    values = _values(path)
    if default is not None and default != path and default.is_file():
        values = _merged(_values(default), values)
    try:
        phrases = {key: tuple(values[key]) for key in PHRASES}
        return Form(
            values["form"],
            values["start"],
            values["cancel"],
            values["show"],
            tuple(_slot(one) for one in values["slots"]),
            phrases,
            values["item"],
            values["brief"],
            frozenset(values["about"]),
        )
    except (KeyError, TypeError) as error:
        keys = ", ".join(("form", "start", "cancel", "show", "slots", "item", "brief", "about", *PHRASES))
        raise CorpusError(f"{path}: {error} is missing or of the wrong form (needed: {keys})") from error


def _values(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (OSError, yaml.YAMLError) as error:
        raise CorpusError(f"{path}: cannot be read: {error}") from error
    if not isinstance(values, dict):
        raise CorpusError(f"{path}: expected the keys of a form, not {type(values).__name__}")
    return values


def _merged(default: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """`values` over `default`; of a slot that both have, what only the default tells is kept."""
    told = {slot["name"]: slot for slot in default.get("slots", ())}
    slots = [{**told.get(slot["name"], {}), **slot} for slot in values.get("slots", ())]
    return {**default, **values, **({"slots": slots} if slots else {})}


def _slot(values: Mapping[str, Any]) -> Slot:
    return Slot(
        name=values["name"],
        kind=values["kind"],
        prompts=tuple(values["prompts"]),
        invalid=tuple(values["invalid"]),
        future=bool(values.get("future", False)),
        least=str(values.get("min", "")),
        most=str(values.get("max", "")),
        per=str(values.get("per", "")),
        unit=str(values.get("unit", "")),
        default=str(values.get("default", "")),
        refusals={fault: tuple(values[fault]) for fault in FAULTS if fault in values},
    )
