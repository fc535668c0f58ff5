"""The speaker of forms: opens, fills, corrects, pauses and drops them. In: a reading. Out: the next question, or the
end.

A form fills its slots from any sentence, takes corrections ("아니 내일로", "3시간 말고 2시간"), lets other talk pass
in between and goes on afterwards, and ends when it is full or dropped ("됐어"). Knows nothing of what a form is about.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from chatbot.dialogue.correction import VERDICTS
from chatbot.dialogue.followups import kind_of
from chatbot.dialogue.forms import wording
from chatbot.dialogue.forms.declared import Form, Slot
from chatbot.dialogue.forms.made import MadeThings, new_value, proposal
from chatbot.dialogue.forms.values import (
    Subjects,
    Value,
    bare_number,
    by_kind,
    fault_of,
    meant_value,
    read_values,
)
from chatbot.dialogue.prohibition import names_task, told_not_to
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.safety import DANGER
from chatbot.dialogue.skills.impossible import explained, is_time
from chatbot.dialogue.state import FormState
from chatbot.dialogue.tone import sounds_low
from chatbot.seams import Analyzer
from chatbot.text import entities
from chatbot.text.josa import fill, slots_of
from chatbot.types import Source

_QUESTION = re.compile(r".*(?:[?？]|뭐야|뭐예요|뭔가요|왜|어때|알려\s*줘|설명해)\s*[.!?~]*$")
# What is answered in a word: judgements, names; the speech level has no intent.
_BRIEF = frozenset(["", "name", *VERDICTS])
# Syllables that may stay beside a value for it to count as all that was said.
MAX_REST = 3
# So sure must the intent be, to open a form in words that speak of nothing in it.
CLEARLY = 0.97


class FormSpeaker:
    """Everything that is said while a form is open, and what opens one."""

    def __init__(self, forms: Sequence[Form], analyzer: Analyzer) -> None:
        self._forms = {form.name: form for form in forms}
        self._subjects = Subjects(analyzer)
        self._made = {form.name: MadeThings(form, self._subjects) for form in forms}

    def __call__(self, reading: Reading) -> Proposal | None:
        running = reading.state.form
        if running is not None and running.form in self._forms:
            return self._go_on(reading, self._forms[running.form], running)
        for form in self._forms.values():
            leaning = self._made[form.name].answer(reading)
            if leaning is not None:
                return leaning
        if told_not_to(reading.text):
            return None
        return next((said for form in self._forms.values() if (said := self._begin(reading, form)) is not None), None)

    def _begin(self, reading: Reading, form: Form) -> Proposal | None:
        """What the form's intents ask for, and what the words alone do: 영어 지워줘, 아까 하던 거 계속."""
        scores, made = reading.scores, self._made[form.name]
        intent = scores.best.intent if scores.accepted and not scores.ambiguous else ""
        if wording.removes(reading.text) and made.names_one(reading) and intent != form.show:
            return made.remove(reading)
        last = reading.state.last
        dropped = last is not None and last.response.said == f"{form.name}/cancelled"
        starts = intent == form.start and (scores.best.probability >= CLEARLY or self._speaks_of(reading, form))
        if starts or (dropped and wording.begins_again(reading.text)):
            return self._open(reading, form)
        if intent == form.show:
            return made.show(reading)
        if intent == form.cancel:
            return made.remove(reading)
        return self._gone(reading, form) if wording.resumes_own(reading.text) else None

    @staticmethod
    def _speaks_of(reading: Reading, form: Form) -> bool:
        """Whether a line names the form or tells a value: 핑계 좀 만들어줘 asks for no plan."""
        named = any(len(word) > 1 and word in reading.text for word in form.about)
        return named or bool(read_values(reading.text, reading.now))

    def _open(self, reading: Reading, form: Form) -> Proposal:
        told: dict[str, str | Value] = dict(self._values(reading, form))
        self._add_subject(reading, form, told)
        return self._take(reading, form, FormState(form.name), told, f"의도 {form.start}")

    def _gone(self, reading: Reading, form: Form) -> Proposal | None:
        """아까 하던 거 계속, when the form that was open a few turns ago is not any more."""
        turns = reading.state.turns
        at = next((at for at in reversed(range(len(turns))) if turns[at].response.intent == form.name), None)
        if at is None:
            return None
        danger = any(turn.response.intent in DANGER for turn in turns[at:] if turn.response.source is Source.SAFETY)
        if danger:
            return self._say(reading, form, "lost_in_danger", "위기의 말 뒤에 접음")
        said = turns[at].response.said.removeprefix(f"{form.name}/")
        if said in ("done", "changed", "shown") and reading.state.plans:
            values = {"목록": form.listed(reading.state.plans[-1:])}
            return proposal(form, form.say("complete", reading.rng, values), "이미 다 함", reading.state, "complete")
        return self._say(reading, form, "lost", "이미 접음") if said in ("asked", "refused", "cancelled", "") else None

    def _go_on(self, reading: Reading, form: Form, running: FormState) -> Proposal | None:
        text, made = reading.text, self._made[form.name]
        if wording.removes(text) and made.names_one(reading) and not wording.means_all(text):
            return made.remove(reading)
        if wording.drops(text) or (told_not_to(text) and names_task(text)):
            return self._cancel(reading, form)
        if wording.resumes(text) if running.paused else wording.resumes_own(text):
            return self._ask_next(reading, form, running, "이어서 함", "resume")
        if kind_of(text):  # 뭐라고?, 더 알려줘: others know what was said
            return None
        about = self._about_form(reading, form, running) or self._corrected(reading, form, running)
        if about is not None:
            return about
        if wording.leaves_open(text) and not running.paused:
            return self._pick(reading, form, running)
        if wording.hesitates(text) and not running.paused:
            return self._misheard(reading, form, running)
        told = self._told(reading, form, running)
        if told:
            return self._take(reading, form, running, told, f"{', '.join(told)} 들음")
        # A bare new value ("모레") changes what was told; a sentence that only mentions one does not.
        rest = self._subjects.bare(text, reading.now)
        changed = self._change(reading, form, running, wording.Change(text)) if len(rest) <= MAX_REST else None
        if changed is not None:
            return changed
        if running.paused or self._is_aside(reading):
            return None
        return self._misheard(reading, form, running)

    def _pick(self, reading: Reading, form: Form, running: FormState) -> Proposal:
        """The slot's own default where any value would do; what has none is asked for once more."""
        slot = form.slot(running.asked)
        if not slot.default:
            return self._misheard(reading, form, running)
        usual = by_kind(read_values(slot.default, reading.now))
        spoken = usual[slot.kind].spoken if slot.kind in usual else slot.default
        after = replace(running, slots={**running.slots, slot.name: spoken})
        opening = form.say("picked", reading.rng, {"값": spoken})
        return self._ask_next(reading, form, after, f"{slot.name} 아무거나", opening=opening)

    def _misheard(self, reading: Reading, form: Form, running: FormState) -> Proposal:
        slot = form.slot(running.asked)
        reply = _no_such(reading, slot) or reading.rng.choice(slot.invalid)
        state = replace(reading.state, form=replace(running, paused=False))
        return proposal(form, reply, f"{slot.name} 못 알아들음", state)

    def _about_form(self, reading: Reading, form: Form, running: FormState) -> Proposal | None:
        """What the form's own intents mean while it is open: drop it, show what was made before, go on with it."""
        scores = reading.scores
        if not scores.accepted or scores.ambiguous:
            return None
        if scores.best.intent == form.cancel:
            return self._cancel(reading, form)
        if scores.best.intent == form.show:
            if reading.state.plans:
                return self._made[form.name].show(reading)
            return self._ask_next(reading, form, running, "아직 세우는 중", "resume")
        if scores.best.intent != form.start:
            return None
        told: dict[str, str | Value] = dict(self._values(reading, form))
        self._add_subject(reading, form, told)
        if told:
            return self._take(reading, form, running, told, f"{', '.join(told)} 들음", renew=True)
        return self._ask_next(reading, form, running, "이어서 함", "resume")

    def _cancel(self, reading: Reading, form: Form) -> Proposal:
        """The open form is dropped; 계획 다 지워줘 means what was made before as well."""
        closed = replace(reading.state, form=None)
        if wording.means_all(reading.text) and reading.state.plans and wording.removes(reading.text):
            return self._made[form.name].remove(replace(reading, state=closed))
        return proposal(form, form.say("cancelled", reading.rng, {}), "그만둠", closed, "cancelled")

    def _told(self, reading: Reading, form: Form, running: FormState) -> dict[str, str | Value]:
        """What the sentence tells: the slot that was asked for, and others by their kind; {} for nothing new."""
        rest = self._subjects.bare(reading.text.replace("?", ""), reading.now)
        if _QUESTION.fullmatch(reading.text) and len(rest) > MAX_REST:  # 내일은 뭐 하지?
            return {}
        told: dict[str, str | Value] = dict(self._values(reading, form))
        asked = form.slot(running.asked)
        if asked.name not in told:
            text, now = reading.text, reading.now
            unsaid = bare_number(text, asked, now) or meant_value(text, asked, now)
            told |= {asked.name: unsaid} if unsaid is not None else {}
        if asked.kind == "text" and not self._is_aside(reading):
            rest = self._subjects.bare(reading.text, reading.now)
            if rest and rest not in form.about and not self._subjects.is_sentence(rest):
                told[asked.name] = rest
        new = {name: value for name, value in told.items() if name not in running.slots or name == running.asked}
        return new if any(name not in running.slots for name in told) else {}

    def _values(self, reading: Reading, form: Form) -> Mapping[str, Value]:
        found = by_kind(read_values(reading.text, reading.now))
        return {slot.name: found[slot.kind] for slot in form.slots if slot.kind in found}

    def _add_subject(self, reading: Reading, form: Form, told: dict[str, str | Value]) -> None:
        text = form.text_slot
        subject = self._subjects.inside(reading.text, form, reading.now) if text else ""
        if text is not None and subject:
            told[text.name] = subject

    def _take(
        self,
        reading: Reading,
        form: Form,
        running: FormState,
        told: Mapping[str, str | Value],
        why: str,
        *,
        renew: bool = False,
    ) -> Proposal:
        """Keep what makes sense, say kindly why the rest does not, and ask on."""
        slots, refusal, refused = dict(running.slots), "", ""
        for slot in form.slots:
            value = told.get(slot.name)
            if value is None:
                continue
            fault = fault_of(slot, value, slots, reading.now) if isinstance(value, Value) else ""
            spoken = value.spoken if isinstance(value, Value) else value
            if not fault:
                slots[slot.name] = spoken
            elif not refusal:
                refusal, refused = _refusal(reading, slot, fault, spoken), slot.name
        after = replace(running, slots=slots)
        if refusal:
            state = replace(reading.state, form=replace(after, asked=refused, paused=False))
            return proposal(form, refusal, f"{refused} 다시 물음", state, "refused")
        back = running.paused and not renew and not _was_brief(reading)
        return self._ask_next(reading, form, after, why, "resume" if back else "")

    def _is_aside(self, reading: Reading) -> bool:
        """Other talk in between: a question, or something that the bot surely knows how to answer."""
        scores = reading.scores
        sure = scores.accepted and not scores.ambiguous
        name = self._subjects.bare(reading.text, reading.now)
        if _QUESTION.fullmatch(reading.text) or (
            sounds_low(reading.text) and self._subjects.is_sentence(reading.text)
        ):
            return True
        return sure and not self._subjects.is_name(name)

    def _corrected(self, reading: Reading, form: Form, running: FormState) -> Proposal | None:
        change = wording.read_change(reading.text, form)
        if change is None:
            return None
        if not change.new:  # 날짜 바꿀래: asked once more
            slots = {name: value for name, value in running.slots.items() if name != change.slot}
            return self._ask_next(
                reading, form, replace(running, slots=slots), f"{change.slot} 다시", first=change.slot
            )
        changed = self._change(reading, form, running, change)
        if changed is not None:
            return changed
        told = self._told(reading.with_text(change.new), form, running)
        return self._take(reading, form, running, told, f"{', '.join(told)} 들음") if told else None

    def _change(self, reading: Reading, form: Form, running: FormState, change: wording.Change) -> Proposal | None:
        """A new value for a slot that is known already."""
        told = new_value(reading, form, self._subjects, change, running.slots, sure=change.new != reading.text)
        if told is None:
            return None
        name, value, fault = told
        if fault:
            state = replace(reading.state, form=replace(running, paused=False))
            return proposal(
                form, _refusal(reading, form.slot(name), fault, value), f"{name} 다시 물음", state, "refused"
            )
        opening = form.say("changed", reading.rng, {"이름": name, "값": value})
        after = replace(running, slots={**running.slots, name: value})
        return self._ask_next(reading, form, after, f"{name} 고침", opening=opening)

    def _ask_next(
        self,
        reading: Reading,
        form: Form,
        running: FormState,
        why: str,
        how: str = "",
        opening: str = "",
        first: str = "",
    ) -> Proposal:
        """The next open slot's question (`first` before the others), or the end of the form."""
        start = opening or (form.say(how, reading.rng, {}) if how else "")
        missing = [slot for slot in form.slots if slot.name not in running.slots]
        if missing:
            slot = next((one for one in missing if one.name == first), missing[0])
            usable = [prompt for prompt in slot.prompts if slots_of(prompt) <= running.slots.keys()]
            question = fill(reading.rng.choice(usable or slot.prompts[:1]), running.slots)
            state = replace(reading.state, form=replace(running, asked=slot.name, paused=False))
            return proposal(form, f"{start} {question}".strip(), why, state, "asked")
        question = form.say("done", reading.rng, running.slots)
        state = replace(reading.state, form=None, plans=(*reading.state.plans, dict(running.slots)))
        return proposal(form, f"{start} {question}".strip(), why, state, "done")

    def _say(self, reading: Reading, form: Form, occasion: str, why: str) -> Proposal:
        return proposal(form, form.say(occasion, reading.rng, {}), why, reading.state, occasion)


def _was_brief(reading: Reading) -> bool:
    """Whether only a word came in between (👍, 반말로 해줘, a name), after which nobody announces to go back."""
    last = reading.state.last
    return last is not None and last.response.source is Source.SKILL and last.response.intent in _BRIEF


def _refusal(reading: Reading, slot: Slot, fault: str, spoken: str) -> str:
    return fill(reading.rng.choice(slot.refusals[fault]), {"값": spoken})


def _no_such(reading: Reading, slot: Slot) -> str:
    """Why 2월 30일 is not taken where a day is asked for; "" when nothing impossible was said."""
    found = (one for one in entities.find(reading.text, reading.now) if one.kind == "impossible")
    kinds = {True: "time", False: "date"}
    return next((explained(one, reading.now) for one in found if kinds[is_time(one)] == slot.kind), "")
