"""What the bot remembers of one conversation, as a frozen value. Knows nothing of models or of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chatbot.types import Source, SpeechLevel, Turn


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers offered when the bot asked back: `label` is shown, `reply` is said when it is chosen."""

    label: str
    reply: str
    source: Source
    id: str = ""


@dataclass(frozen=True, slots=True)
class FormState:
    """A form that is being filled in: its name, the slots known so far, the slot asked for last ("" none)."""

    form: str
    slots: Mapping[str, str] = field(default_factory=dict)
    asked: str = ""
    paused: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """One conversation. `turns` are the last few, oldest first; `count` counts all of them.

    `topic` is the knowledge id that was explained last and `told` what was already told of it (more, example, why),
    `topic_at` the turn it was last spoken of.
    `plans` are the finished study plans as the forms made them. `mood` is the sentiment of the user's last lines,
    -1 sad to 1 happy. `quiz` is the number of the open quiz question (0 none), asked in turn `quiz_at`.
    """

    session: str = "default"
    turns: tuple[Turn, ...] = ()
    count: int = 0
    name: str = ""
    level: SpeechLevel | None = None
    topic: str = ""
    told: tuple[str, ...] = ()
    topic_at: int = 0
    choices: tuple[Choice, ...] = ()
    form: FormState | None = None
    plans: tuple[Mapping[str, str], ...] = ()
    mood: float = 0.0
    quiz: int = 0
    quiz_at: int = 0

    @property
    def last(self) -> Turn | None:
        return self.turns[-1] if self.turns else None

    def after(self, turn: Turn, keep: int) -> State:
        """The state once `turn` has been spoken, with at most `keep` turns remembered."""
        return replace(self, turns=(*self.turns, turn)[-keep:], count=self.count + 1)

    def as_json(self) -> dict[str, Any]:
        """Everything but the turns, which the store keeps by themselves."""
        return {
            "count": self.count,
            "name": self.name,
            "level": self.level and str(self.level),
            "topic": self.topic,
            "told": list(self.told),
            "topic_at": self.topic_at,
            "choices": [[c.label, c.reply, str(c.source), c.id] for c in self.choices],
            "form": self.form
            and {
                "form": self.form.form,
                "slots": dict(self.form.slots),
                "asked": self.form.asked,
                "paused": self.form.paused,
            },
            "plans": [dict(plan) for plan in self.plans],
            "mood": self.mood,
            "quiz": self.quiz,
            "quiz_at": self.quiz_at,
        }

    @classmethod
    def from_json(cls, session: str, values: Mapping[str, Any], turns: tuple[Turn, ...] = ()) -> State:
        """The reverse of `as_json`; keys that are missing (an older database) take their defaults."""
        form = values.get("form")
        return cls(
            session=session,
            turns=turns,
            count=int(values.get("count", len(turns))),
            name=str(values.get("name", "")),
            level=SpeechLevel(values["level"]) if values.get("level") else None,
            topic=str(values.get("topic", "")),
            told=tuple(values.get("told", ())),
            topic_at=int(values.get("topic_at", 0)),
            choices=tuple(Choice(label, reply, Source(s), id_) for label, reply, s, id_ in values.get("choices", ())),
            form=FormState(form["form"], form["slots"], form["asked"], form["paused"]) if form else None,
            plans=tuple(values.get("plans", ())),
            mood=float(values.get("mood", 0.0)),
            quiz=int(values.get("quiz", 0)),
            quiz_at=int(values.get("quiz_at", 0)),
        )
