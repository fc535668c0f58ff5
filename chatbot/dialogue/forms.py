"""Forms: several questions one after another (corpus/forms/*.yaml). In: a reading. Out: the next question, or the end.

A form fills its slots from any sentence, takes corrections ("아니 내일로"), lets other talk pass in between and goes
on afterwards, and ends when it is full or dropped ("됐어"). Knows nothing of what a form is about.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from chatbot.dialogue.prohibition import names_task, told_not_to
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.skills.impossible import explained, is_time
from chatbot.dialogue.state import FormState, State
from chatbot.errors import CorpusError
from chatbot.seams import Analyzer
from chatbot.text import entities
from chatbot.text.josa import fill
from chatbot.types import Source

_DROP = re.compile(
    r"(?:아니\s*)?(?:됐어|됐다|됐습니다|취소|그만|관두|안\s*할래|나중에|하지\s*마|없던\s*걸로|필요\s*없)\S*(?:\s*\S{1,4})?[.!~ㅋㅎㅠ]*"
)
_RESUME = re.compile(
    r"(?:계속|이어서|다시|아까\s*(?:그\s*)?(?:계획|거))(?:\s*(?:하자|해줘|해\s*줘|할래|해요|하던\s*거))?[.!?~]*"
)
_CORRECT = re.compile(
    r"(?:아니(?:다|야|요)?|아뇨|잠깐|다시)[,.]?\s*(?P<rest>\S.*)|(?P<all>\S.*?)(?:로|으로)\s*(?:바꿔|변경|고쳐)\S*"
)
_QUESTION = re.compile(r".*(?:[?？]|뭐야|뭐예요|뭔가요|왜|어때|알려\s*줘|설명해)\s*[.!?~]*$")
_TAIL = re.compile(
    r"(?:\s*(?:이?요|이에요|예요|입니다|이야|야|할래요?|할게요?|할\s*거야|공부할래요?|공부|하자|으로|로|을|를|은|는|좀))+[.!?~]*$"
)
_FILLER = re.compile(r"^(?:음+|어+|그럼|그냥|나는?|저는?|일단)[,.]?\s+")
_DURATION_UNITS = (("D", "일"), ("H", "시간"), ("M", "분"))
MAX_TEXT_SLOT = 20
# Sejong tags: what names something, what may stand between its parts, what says nothing.
_NOUNS = frozenset(["NNG", "NNP", "NNB", "NR", "SL", "SN", "SH", "XSN", "XR"])
_NOMINAL = _NOUNS | {"JC", "JKG", "XPN", "MM"}
_MARKS = frozenset(["SF", "SP", "SS", "SSO", "SSC", "SE", "SO", "SW"])
# Syllables that may stay beside a value for it to count as all that was said.
MAX_REST = 3


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing to be known: `kind` is "text" or an entity kind."""

    name: str
    kind: str
    prompts: tuple[str, ...]
    invalid: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """One form as its file declares it; `phrases` holds done, changed, resume, cancelled, dropped, nothing, shown."""

    name: str
    start: str
    cancel: str
    show: str
    slots: tuple[Slot, ...]
    phrases: Mapping[str, tuple[str, ...]]
    item: str

    def slot(self, name: str) -> Slot:
        return next(slot for slot in self.slots if slot.name == name)


PHRASES = ("done", "changed", "resume", "cancelled", "dropped", "nothing", "shown")


def read_forms(folder: Path) -> list[Form]:
    """Every form of the folder. Raises `CorpusError` when a file lacks something."""
    return [_read_form(path) for path in sorted(folder.glob("*.y*ml"))]


def _read_form(path: Path) -> Form:
    try:
        values: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
        slots = tuple(Slot(s["name"], s["kind"], tuple(s["prompts"]), tuple(s["invalid"])) for s in values["slots"])
        phrases = {key: tuple(values[key]) for key in PHRASES}
        return Form(values["form"], values["start"], values["cancel"], values["show"], slots, phrases, values["item"])
    except (OSError, yaml.YAMLError) as error:
        raise CorpusError(f"{path}: cannot be read: {error}") from error
    except (KeyError, TypeError) as error:
        keys = ", ".join(("form", "start", "cancel", "show", "slots", "item", *PHRASES))
        raise CorpusError(f"{path}: {error} is missing or of the wrong form (needed: {keys})") from error


class FormSpeaker:
    """Opens, fills, corrects, shows and drops forms."""

    def __init__(self, forms: Sequence[Form], analyzer: Analyzer) -> None:
        self._forms = {form.name: form for form in forms}
        self._analyzer = analyzer

    def __call__(self, reading: Reading) -> Proposal | None:
        running = reading.state.form
        if running is not None and running.form in self._forms:
            return self._go_on(reading, self._forms[running.form], running)
        corrected = self._correct_made(reading)
        scores = reading.scores
        if corrected is not None or not scores.accepted or scores.ambiguous or told_not_to(reading.text):
            return corrected
        for form in self._forms.values():
            if scores.best.intent == form.start:
                return self._open(reading, form)
            if scores.best.intent == form.show:
                return self._show(reading, form)
            if scores.best.intent == form.cancel:
                return self._drop_made(reading, form)
        return None

    def _open(self, reading: Reading, form: Form) -> Proposal:
        found = _entities(reading)
        slots = {slot.name: found[slot.kind] for slot in form.slots if slot.kind in found}
        return self._ask_next(reading, form, FormState(form.name, slots), f"의도 {form.start}")

    def _go_on(self, reading: Reading, form: Form, running: FormState) -> Proposal | None:
        text = reading.text
        if _DROP.fullmatch(text) or (told_not_to(text) and names_task(text)):
            return self._say(reading, form, "cancelled", replace(reading.state, form=None), "그만둠")
        if running.paused and _RESUME.fullmatch(text):
            return self._ask_next(reading, form, running, "이어서 함", "resume")
        about = self._about_form(reading, form, running) or self._corrected(reading, form, running)
        if about is not None:
            return about
        found = self._found(reading, form.slot(running.asked))
        if found:
            slots = {
                **running.slots,
                **{k: v for k, v in found.items() if k not in running.slots or k == running.asked},
            }
            how = "resume" if running.paused else ""
            return self._ask_next(reading, form, replace(running, slots=slots), f"{', '.join(found)} 들음", how)
        # A bare new value ("모레") changes what was told; a sentence that only mentions one does not.
        changed = self._changed(reading, form, running) if len(_subject(reading)) <= MAX_REST else None
        if changed is not None:
            return changed
        if running.paused or self._is_aside(reading):
            return None
        slot = form.slot(running.asked)
        reply = _no_such(reading, slot) or reading.rng.choice(slot.invalid)
        state = replace(reading.state, form=replace(running, paused=False))
        return Proposal(reply, Source.SKILL, f"양식 {form.name}: {slot.name} 못 알아들음", state, form.name)

    def _about_form(self, reading: Reading, form: Form, running: FormState) -> Proposal | None:
        """What the form's own intents mean while it is open: drop it, show what was made before, go on with it."""
        scores = reading.scores
        if not scores.accepted or scores.ambiguous:
            return None
        if scores.best.intent == form.cancel:
            return self._say(reading, form, "cancelled", replace(reading.state, form=None), "그만둠")
        if scores.best.intent == form.show:
            if reading.state.plans:
                return self._show(reading, form)
            return self._ask_next(reading, form, running, "아직 세우는 중", "resume")
        if scores.best.intent == form.start and not _entities(reading):
            return self._ask_next(reading, form, running, "이어서 함", "resume")
        return None

    def _found(self, reading: Reading, asked: Slot) -> dict[str, str]:
        """What the sentence tells: the slot that was asked for, and others by their kind."""
        found = _entities(reading)
        form = self._forms[reading.state.form.form] if reading.state.form else None
        told = {slot.name: found[slot.kind] for slot in (form.slots if form else ()) if slot.kind in found}
        if asked.kind == "text" and not self._is_aside(reading):
            rest = _subject(reading)
            if rest and not self._is_sentence(rest):
                told[asked.name] = rest
        already = _slots(reading)
        return told if any(name not in already for name in told) else {}

    def _is_aside(self, reading: Reading) -> bool:
        """Other talk in between: a question, or something that the bot surely knows how to answer."""
        scores = reading.scores
        sure = scores.accepted and not scores.ambiguous
        return bool(_QUESTION.fullmatch(reading.text)) or (sure and not self._is_name(_subject(reading)))

    def _is_sentence(self, text: str) -> bool:
        """Whether something is said of something: 죽을 맛이야 is no subject to study, 영어 단어 외우기 is."""
        tags = self._tags(text)
        return any(tag in ("EF", "EC", "EP") for tag in tags)

    def _is_name(self, text: str) -> bool:
        """Whether it is nouns and nothing else, as the answer to "which subject" is: 확률과 통계."""
        tags = self._tags(text)
        return bool(tags) and all(tag in _NOMINAL for tag in tags) and tags[-1] in _NOUNS

    def _tags(self, text: str) -> list[str]:
        return [morpheme.tag for morpheme in self._analyzer.analyze([text])[0] if morpheme.tag not in _MARKS]

    def _corrected(self, reading: Reading, form: Form, running: FormState) -> Proposal | None:
        match = _CORRECT.fullmatch(reading.text)
        return self._changed(_corrected_part(reading, match), form, running) if match else None

    def _changed(self, reading: Reading, form: Form, running: FormState) -> Proposal | None:
        """A new value for a slot that is known already."""
        found = _entities(reading)
        for slot in form.slots:
            if slot.name in running.slots and slot.kind in found:
                slots = {**running.slots, slot.name: found[slot.kind]}
                changed = self._fill(reading, form, "changed", {"이름": slot.name, "값": found[slot.kind]})
                return self._ask_next(
                    reading, form, replace(running, slots=slots), f"{slot.name} 고침", opening=changed
                )
        return None

    def _correct_made(self, reading: Reading) -> Proposal | None:
        """ "아니 내일로" right after a form was finished changes what it made."""
        state = reading.state
        match = _CORRECT.fullmatch(reading.text)
        last = state.last
        if match is None or not state.plans or last is None or last.response.intent not in self._forms:
            return None
        form, found = self._forms[last.response.intent], _entities(_corrected_part(reading, match))
        for slot in form.slots:
            if slot.kind in found and slot.kind != "text":
                plan = {**state.plans[-1], slot.name: found[slot.kind]}
                after = replace(state, plans=(*state.plans[:-1], plan))
                reply = self._fill(reading, form, "changed", {"이름": slot.name, "값": found[slot.kind]})
                return Proposal(reply, Source.SKILL, f"양식 {form.name}: {slot.name} 고침", after, form.name)
        return None

    def _ask_next(
        self, reading: Reading, form: Form, running: FormState, why: str, how: str = "", opening: str = ""
    ) -> Proposal:
        """The next open slot's question, or the end of the form."""
        start = opening or (self._fill(reading, form, how, {}) if how else "")
        missing = next((slot for slot in form.slots if slot.name not in running.slots), None)
        if missing is not None:
            usable = [p for p in missing.prompts if _known(p, running.slots)]
            question = fill(reading.rng.choice(usable), running.slots)
            state = replace(reading.state, form=replace(running, asked=missing.name, paused=False))
        else:
            question = self._fill(reading, form, "done", running.slots)
            state = replace(reading.state, form=None, plans=(*reading.state.plans, dict(running.slots)))
        reply = f"{start} {question}".strip()
        return Proposal(reply, Source.SKILL, f"양식 {form.name}: {why}", state, form.name)

    def _show(self, reading: Reading, form: Form) -> Proposal:
        plans = reading.state.plans
        if not plans:
            return self._say(reading, form, "nothing", reading.state, "아직 세운 것이 없음")
        lines = [fill(form.item, plan) for plan in plans]
        reply = "\n".join([self._fill(reading, form, "shown", {}), *(f"· {line}" for line in lines)])
        return Proposal(reply, Source.SKILL, f"양식 {form.name}: 보여 줌", reading.state, form.name)

    def _drop_made(self, reading: Reading, form: Form) -> Proposal:
        if not reading.state.plans:
            return self._say(reading, form, "cancelled", reading.state, "지울 것이 없음")
        return self._say(reading, form, "dropped", replace(reading.state, plans=()), "세운 것을 지움")

    def _say(self, reading: Reading, form: Form, occasion: str, state: State, why: str) -> Proposal:
        reply = self._fill(reading, form, occasion, {})
        return Proposal(reply, Source.SKILL, f"양식 {form.name}: {why}", state, form.name)

    def _fill(self, reading: Reading, form: Form, occasion: str, slots: Mapping[str, str]) -> str:
        return fill(reading.rng.choice(form.phrases[occasion]), slots)


def _corrected_part(reading: Reading, match: re.Match[str]) -> Reading:
    """As if only the new value had been said: 아니내일로 → 내일로."""
    return reading.with_text(match["rest"] or match["all"])


def _slots(reading: Reading) -> Mapping[str, str]:
    """What the running form knows already."""
    return reading.state.form.slots if reading.state.form else {}


def _known(template: str, slots: Mapping[str, str]) -> bool:
    from chatbot.text.josa import slots_of

    return slots_of(template) <= slots.keys()


def _entities(reading: Reading) -> dict[str, str]:
    """Entity kind -> how it reads in a reply, the first of each kind."""
    found: dict[str, str] = {}
    for entity in entities.find(reading.text, reading.now):
        kind = entity.kind.removesuffix("_range")
        found.setdefault(kind, _spoken(entity.kind, entity.value, entity.text))
    return found


def _spoken(kind: str, value: str, text: str) -> str:
    """2026-11-23 → 11월 23일(월), PT1H30M → 1시간 30분; both days of a span; the rest (한두 시간) as it was said."""
    if kind == "date_range" and re.search(r"부터|에서|[~∼〜-]", text):
        return "~".join(_spoken("date", day, text) for day in value.split("/"))
    if "/" in value:
        return text
    if kind == "date":
        from datetime import date

        try:
            day = date.fromisoformat(value)
        except ValueError:
            return text
        return f"{day.month}월 {day.day}일({'월화수목금토일'[day.weekday()]})"
    if kind == "duration":
        days, _, clock = value.removeprefix("P").partition("T")
        amounts = {unit: number for number, unit in re.findall(r"(\d+)([DHM])", clock)}
        amounts |= {unit: number for number, unit in re.findall(r"(\d+)(D)", days)}
        parts = [f"{amounts[unit]}{word}" for unit, word in _DURATION_UNITS if unit in amounts]
        return " ".join(parts) or text
    return text


def _no_such(reading: Reading, slot: Slot) -> str:
    """Why 2월 30일 is not taken where a day is asked for; "" when nothing impossible was said."""
    found = (one for one in entities.find(reading.text, reading.now) if one.kind == "impossible")
    kinds = {True: "time", False: "date"}
    return next((explained(one, reading.now) for one in found if kinds[is_time(one)] == slot.kind), "")


def _subject(reading: Reading) -> str:
    """A short phrase without the dates, fillers and endings around it."""
    text = reading.text
    for entity in sorted(entities.find(text, reading.now), key=lambda e: -e.start):
        if entity.kind in ("date", "time", "duration"):
            text = text[: entity.start] + " " + text[entity.end :]
    text = _TAIL.sub("", _FILLER.sub("", text.strip(" .!~"))).strip()
    text = re.sub(r"^(?:에|동안|까지)\s*", "", text).strip()
    return text if 0 < len(text) <= MAX_TEXT_SLOT and "?" not in text else ""
