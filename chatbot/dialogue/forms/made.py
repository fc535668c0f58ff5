"""What a form has made: shown, changed afterwards, deleted one by one. In: a reading. Out: a proposal, or nothing.

Knows nothing of forms that are still open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from chatbot.dialogue.forms import wording
from chatbot.dialogue.forms.declared import Form
from chatbot.dialogue.forms.values import Subjects, by_kind, fault_of, read_values
from chatbot.dialogue.prohibition import told_not_to
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.state import State
from chatbot.text import entities
from chatbot.text.josa import fill
from chatbot.types import Source

Made = tuple[Mapping[str, str], ...]
# What a reply of these occasions was about can be changed or taken back by the next line.
_FRESH = ("done", "changed", "refused", "shown")
# Turns for which 그거 취소해줘 still means it.
LATELY = 3
# Asked once more, for one that is finished: 날짜 바꿀래.
_ASKED = "asked-"


def proposal(form: Form, reply: str, why: str, state: State, occasion: str = "") -> Proposal:
    """A form's reply; `occasion` tells the next turn what was said."""
    said = f"{form.name}/{occasion}" if occasion else ""
    return Proposal(reply, Source.SKILL, f"양식 {form.name}: {why}", state, form.name, said=said)


class MadeThings:
    """Speaks of the finished ones of one form."""

    def __init__(self, form: Form, subjects: Subjects) -> None:
        self._form = form
        self._subjects = subjects

    def show(self, reading: Reading) -> Proposal:
        """All of them, a line each."""
        form, made = self._form, reading.state.plans
        if not made:
            return self._say(reading, "nothing", reading.state, "아직 세운 것이 없음")
        lines = [f"· {fill(form.item, one)}" for one in made]
        reply = "\n".join([form.say("shown", reading.rng, {}), *lines])
        return proposal(form, reply, "보여 줌", reading.state, "shown")

    def answer(self, reading: Reading) -> Proposal | None:
        """A line that leans on what was made: which one to delete, taking it back, another value."""
        state = reading.state
        if not state.plans:
            return None
        if self._was(state, "which"):
            return self._chosen(reading)
        if self._was(state, "dropped") and wording.means_rest(reading.text):
            return self._without(reading, state.plans)
        if self._lately(state) and wording.undoes(reading.text):
            return self._without(reading, state.plans[-1:])
        return self._changed(reading)

    def names_one(self, reading: Reading) -> bool:
        """Whether the line speaks of one of them by its values: 영어 계획."""
        return bool(self._named(reading))

    def remove(self, reading: Reading) -> Proposal:
        """Those that the line names, all when it says so, the only one there is; else it is asked which."""
        made = reading.state.plans
        if not made:
            return self._say(reading, "nothing", reading.state, "지울 것이 없음")
        if wording.means_all(reading.text):
            return self._without(reading, made)
        named = self._named(reading)
        if named:
            return self._without(reading, named)
        other = self._subjects.inside(reading.text, self._form, reading.now)
        if other:
            values = {"무엇": other, "목록": self._form.listed(made)}
            return self._say(reading, "no_such", reading.state, f"'{other}' 없음", values)
        if len(made) == 1:
            return self._without(reading, made)
        return self._say(reading, "which", reading.state, "무엇을 지울지 물음", {"목록": self._form.listed(made)})

    def _chosen(self, reading: Reading) -> Proposal | None:
        """The answer to "which one"."""
        if wording.means_all(reading.text, alone=True):
            return self._without(reading, reading.state.plans)
        named = self._named(reading)
        if named:
            return self._without(reading, named)
        if wording.drops(reading.text) or told_not_to(reading.text):
            return self._say(reading, "kept", reading.state, "지우지 않음")
        return None

    def _without(self, reading: Reading, gone: Made) -> Proposal:
        left = tuple(one for one in reading.state.plans if not any(one is other for other in gone))
        state = replace(reading.state, plans=left)
        return self._say(reading, "dropped", state, "세운 것을 지움", {"목록": self._form.listed(gone)})

    def _named(self, reading: Reading) -> Made:
        """Those whose subject or day the line names, or whose place in the list: 영어, 내일 거, 두 번째, 마지막."""
        made, text = reading.state.plans, reading.text
        plain = re.sub(r"\s", "", text).lower()
        values = {value.spoken for value in read_values(text, reading.now) if value.kind == "date"}
        kinds = {slot.name: slot.kind for slot in self._form.slots}
        found = [
            one
            for one in made
            if any(
                kinds.get(name) == "text" and re.sub(r"\s", "", value).lower() in plain for name, value in one.items()
            )
        ]
        days = [one for one in found or made if values & {value.removesuffix("까지") for value in one.values()}]
        place = _place(text, reading, len(made))
        return tuple(days or found or ([made[place]] if place is not None else []))

    def _changed(self, reading: Reading) -> Proposal | None:
        """아니 두 시간으로 right after one was made; later on only what names a slot or one of them."""
        form, state, text = self._form, reading.state, reading.text
        fresh = self._was(state, *_FRESH, *(f"{_ASKED}{slot.name}" for slot in form.slots))
        change = wording.read_change(text, form) or self._told_now(reading)
        if change is not None and not change.new:
            return self._ask(reading, change.slot) if fresh or self._speaks_of_form(text) else None
        if change is None:
            change = wording.Change(text) if fresh and self._is_bare_value(reading) else None
        named = self._named(reading.with_text(change.old)) if change is not None and change.old else ()
        near = self._lately(state) and (bool(named) or wording.asks_change(text))
        plainly = wording.asks_change(text) and (bool(change and change.slot) or self._speaks_of_form(text))
        if change is None or not (fresh or near or plainly):
            return None
        unknown = change.old and not named and not change.slot and self._subjects.is_name(change.old)
        if unknown and wording.asks_change(text) and not by_kind(read_values(change.old, reading.now)):
            values = {"무엇": change.old, "목록": form.listed(state.plans)}
            return self._say(reading, "no_such", state, f"'{change.old}' 없음", values)
        index = next((at for at, one in enumerate(state.plans) if named and one is named[-1]), len(state.plans) - 1)
        told = new_value(
            reading, form, self._subjects, change, state.plans[index], sure=fresh or near or bool(change.slot)
        )
        if told is None:
            return None
        name, value, fault = told
        if fault:
            reply = fill(reading.rng.choice(form.slot(name).refusals[fault]), {"값": value})
            return proposal(form, reply, f"{name} 고치지 못함", state, "refused")
        plans = (*state.plans[:index], {**state.plans[index], name: value}, *state.plans[index + 1 :])
        if not value:
            return None
        after = replace(state, plans=plans)
        return self._say(reading, "changed", after, f"{name} 고침", {"이름": name, "값": value})

    def _ask(self, reading: Reading, name: str) -> Proposal:
        """날짜 바꿀래: which one then?"""
        slot, plan = self._form.slot(name), reading.state.plans[-1]
        reply = fill(reading.rng.choice(slot.prompts), plan)
        return proposal(self._form, reply, f"{name} 다시 물음", reading.state, f"{_ASKED}{name}")

    def _told_now(self, reading: Reading) -> wording.Change | None:
        """The answer to that question."""
        asked = next((slot for slot in self._form.slots if self._was(reading.state, f"{_ASKED}{slot.name}")), None)
        if asked is None or reading.text.endswith("?"):
            return None
        text, now = reading.text, reading.now
        if asked.kind == "text":
            name = self._subjects.bare(text, now)
            return wording.Change(name, asked.name) if self._subjects.is_name(name) else None
        return wording.Change(text, asked.name) if asked.kind in by_kind(read_values(text, now)) else None

    def _is_bare_value(self, reading: Reading) -> bool:
        return bool(read_values(reading.text, reading.now)) and not self._subjects.bare(reading.text, reading.now)

    def _speaks_of_form(self, text: str) -> bool:
        return any(len(word) > 1 and word in text for word in self._form.about)

    def _was(self, state: State, *occasions: str) -> bool:
        """Whether the bot's last line was one of the form's `occasions`."""
        said = state.last.response.said if state.last else ""
        return said in {f"{self._form.name}/{occasion}" for occasion in occasions}

    def _lately(self, state: State) -> bool:
        """Whether the form's last line is a few turns old at most, and was about one that is finished."""
        lines = [turn.response.said for turn in state.turns[-LATELY:] if turn.response.intent == self._form.name]
        return bool(lines) and lines[-1] in {f"{self._form.name}/{occasion}" for occasion in _FRESH}

    def _say(
        self, reading: Reading, occasion: str, state: State, why: str, values: Mapping[str, str] | None = None
    ) -> Proposal:
        reply = self._form.say(occasion, reading.rng, values or {})
        return proposal(self._form, reply, why, state, occasion)


def new_value(
    reading: Reading,
    form: Form,
    subjects: Subjects,
    change: wording.Change,
    known: Mapping[str, str],
    *,
    sure: bool = True,
) -> tuple[str, str, str] | None:
    """(slot, value, fault) of a correction among the slots that are `known`; None when it holds no such value."""
    found = by_kind(read_values(change.new, reading.now))
    for slot in form.slots:
        if slot.kind in found and slot.name in known and change.slot in ("", slot.name):
            value = found[slot.kind]
            return slot.name, value.spoken, fault_of(slot, value, known, reading.now)
    text = form.text_slot
    if text is None or text.name not in known or change.slot not in ("", text.name) or found or not sure:
        return None
    name = subjects.bare(change.new, reading.now)
    same = not change.old or _same(change.old, known[text.name]) or not by_kind(read_values(change.old, reading.now))
    if not name or not same or name in form.about or not (subjects.is_name(name) or name.endswith("기")):
        return None
    if subjects.is_sentence(name) or (change.old and not change.slot and not _same(change.old, known[text.name])):
        return None
    return text.name, name, ""


def _same(one: str, other: str) -> bool:
    first, second = (re.sub(r"\s", "", text).lower() for text in (one, other))
    return first in second or second in first


def _place(text: str, reading: Reading, count: int) -> int | None:
    """The place in the list that a line names, from 0: 두 번째, 2번, 마지막."""
    if wording.means_last(text):
        return count - 1
    found = entities.find(text, reading.now)
    numbers = [one.value.split()[0] for one in found if one.kind in ("ordinal", "quantity", "number")]
    number = int(numbers[0]) if len(numbers) == 1 and numbers[0].isdigit() else 0
    return number - 1 if 1 <= number <= count else None
