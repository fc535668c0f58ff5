"""What may be wrong with the lines of a corpus, one function a rule. In: lines. Out: findings. Touches no file."""

from __future__ import annotations

import re
import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from chatbot.corpus.duplicates import key, near_duplicates
from chatbot.corpus.finding import Finding, finding
from chatbot.corpus.heldout import HeldOut
from chatbot.corpus.lines import Line
from chatbot.corpus.profanity import Profanity
from chatbot.errors import ChatbotError
from chatbot.text.josa import fill, slots_of

# Fewer examples than this teach a classifier little; fewer replies than this repeat within one conversation.
MIN_EXAMPLES = 10
MIN_REPLIES = 2
# An intent with this many times the median number of examples, or the median over it, unbalances the classes.
MAX_IMBALANCE = 3.0
# A golden file is said to show memory alone when more than this share of its lines is taught, and at least so many.
MAX_REMEMBERED, MIN_REMEMBERED = 0.5, 5
# Slots that each part fills; forms fill their own slots and these.
SLOTS = {
    "intents": frozenset({"이름", "봇이름", "장소", "날", "음식", "가족"}),
    "phrases": frozenset(
        {
            "봇이름",
            "이름",
            "다음",
            "정답",
            "힌트",
            "보기",
            "과목",
            "말",
            "남은",
            "요약",
            "무엇",
            "주제",
            "수",
        }
    ),
    "forms": frozenset({"이름", "값", "목록", "무엇"}),
}
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|‘[^’]*’|“[^”]*”|\([^)]*\)")
_SENTENCE = re.compile(r"[^.?!…~]+")
_HAPSYO = re.compile(r"(?:니다|니까|십시오|십시요)$")
_HAEYO = re.compile(r"(?:요|죠|용|욥)$")
# Plain and casual endings that no noun or connective shares.
_HAE = re.compile(
    r"(?:[았었였했겠됐갔왔샀봤][어다네지]|[은는한간온된]다|거야|거지|거든|잖아|[을할갈볼줄될][게래까]|[하가보먹되]자"
    r"|(?<!줄)[이뭐]야|구나|[해줘돼봐때]|(?<!동)네|[렇이맞하]지|[느으]?냐)$"
)


def names(lines: Sequence[Line]) -> Iterator[Finding]:
    """Two intents or entries of one name; contrasts, related, topic, start, cancel, show that name nothing."""
    defined: dict[str, dict[str, Line]] = {"intents": {}, "knowledge": {}}
    for line in lines:
        if (line.part, line.key) in (("intents", "intent"), ("knowledge", "id")):
            first = defined[line.part].setdefault(line.text, line)
            if first is not line:
                message = f"{line.text!r} stands already in {first.file}:{first.line}; each name may stand once"
                yield finding(line.file, line.line, "same-name", message)
    refers = {
        ("intents", "contrasts"): "intents",
        ("knowledge", "related"): "knowledge",
        ("quizzes", "topic"): "knowledge",
    }
    refers |= {("forms", name): "intents" for name in ("start", "cancel", "show")}
    for line in lines:
        target = refers.get((line.part, line.key))
        if target and line.text and line.text not in defined[target]:
            what = "intent" if target == "intents" else "knowledge id"
            yield finding(line.file, line.line, "unknown-name", f"{line.key}: no {what} is called {line.text!r}")


def two_intents(lines: Sequence[Line]) -> Iterator[Finding]:
    """One utterance under two intents, compared without punctuation and case; a polite 요 makes no other utterance."""
    first: dict[str, Line] = {}
    for line in _taught(lines, "intents"):
        plain = _squeezed(line.text)
        # 행복해? asks and 행복해요 tells, but 번아웃 같아 and 번아웃 같아요 say one thing.
        polite = plain.removesuffix("요") + ("?" if "?" in line.text else ".")
        other = next((first[form] for form in (plain, polite) if form in first), line)
        if other.owner != line.owner:
            place = f"{other.file}:{other.line}: {other.text!r}"
            message = f"{line.text!r} stands under {other.owner} too ({place}); keep one"
            yield finding(line.file, line.line, "two-intents", message)
        first.setdefault(plain, line)
        first.setdefault(polite, line)


def duplicates(lines: Sequence[Line], near: bool = True) -> Iterator[Finding]:
    """Equal lines of one part and role (pairs: both sides equal), and with `near` user lines that hardly differ."""
    first: dict[tuple[str, ...], Line] = {}
    for line, identity in _identities(lines):
        other = first.setdefault(identity, line)
        if other is not line:
            where = f"line {other.line}" if other.file == line.file else f"{other.file}:{other.line}"
            yield finding(line.file, line.line, "duplicate", f"{line.text!r} stands already in {where}; delete one")
    for group in _compared(lines) if near else ():
        for pair in near_duplicates([text for _, text in group]):
            one, two = group[pair.first][0], group[pair.second][0]
            if one.text != two.text:
                message = f"{two.text!r} hardly differs from {one.text!r} ({one.file.name}:{one.line}); reword one"
                yield finding(two.file, two.line, "near-duplicate", message)


def _compared(lines: Sequence[Line]) -> list[list[tuple[Line, str]]]:
    """Lines whose likeness is trouble, with what is compared of each.

    속이 안 좋아 (sick) and 기분이 안 좋아 (sad) teach what tells intents apart; within one intent or entry such lines
    only fill a slot. 회사 가기 싫어 and 학교 가기 싫어 are two pairs of chat as long as their answers differ too. The
    share of near duplicates counts all of them.
    """
    answers = _answers(lines)
    groups: defaultdict[tuple[str, str], list[tuple[Line, str]]] = defaultdict(list)
    for line in lines:
        if line.role == "user" and line.part in ("intents", "knowledge", "chat", "dialogues"):
            owner = line.owner if line.part in ("intents", "knowledge") else ""
            text = f"{line.text} {answers[line.file, line.line]}" if line.part == "chat" else line.text
            groups[line.part, owner].append((line, text))
    return list(groups.values())


def _answers(lines: Sequence[Line]) -> dict[tuple[Path, int], str]:
    """The answer of each chat pair by its place."""
    return {(line.file, line.line): line.text for line in lines if line.part == "chat" and line.role == "bot"}


def _identities(lines: Sequence[Line]) -> Iterator[tuple[Line, tuple[str, ...]]]:
    """What must be unique: examples and replies in their intent, questions, pairs as a whole."""
    answers = _answers(lines)
    for line in lines:
        if line.part in ("intents", "phrases", "forms") and line.role != "name":
            yield line, (line.part, line.owner, line.key, line.text)
        elif line.part == "knowledge" and line.role == "user":
            yield line, (line.part, line.text)
        elif line.part == "chat" and line.role == "user":
            yield line, (line.part, line.text, answers[line.file, line.line])
        elif line.part == "quizzes" and line.key == "question":
            yield line, (line.part, line.text)


def sizes(lines: Sequence[Line]) -> Iterator[Finding]:
    """Intents with few examples or replies, or with far more or fewer examples than the others."""
    heads = {line.owner: line for line in lines if line.part == "intents" and line.key == "intent"}
    counts: dict[str, dict[str, int]] = {name: {"examples": 0, "replies": 0} for name in heads}
    for line in lines:
        if line.part == "intents" and line.key in ("examples", "replies") and line.owner in counts:
            counts[line.owner][line.key] += 1
    for name, head in heads.items():
        for what, least in (("examples", MIN_EXAMPLES), ("replies", MIN_REPLIES)):
            if counts[name][what] < least:
                message = f"{name} has {counts[name][what]} {what}; write at least {least}"
                yield finding(head.file, head.line, "tiny", message)
    yield from _balance(heads, {name: count["examples"] for name, count in counts.items()})


def _balance(heads: dict[str, Line], counts: dict[str, int]) -> Iterator[Finding]:
    if len(counts) < 3:
        return
    median = statistics.median(counts.values())
    for name, count in counts.items():
        if count > MAX_IMBALANCE * median or count * MAX_IMBALANCE < median:
            message = f"{name} has {count} examples, the median is {median:g}; even them out"
            yield finding(heads[name].file, heads[name].line, "unbalanced", message)


def templates(lines: Sequence[Line]) -> Iterator[Finding]:
    """Bot lines whose braces do not pair, whose slot nobody fills, or whose particle is none."""
    own: defaultdict[Path, set[str]] = defaultdict(set)
    for line in lines:
        if line.part == "forms" and line.key == "name":
            own[line.file] |= {line.text, f"{line.text}에"}  # {날짜에}: the day with its particle
    for line in lines:
        # Knowledge and chat are said as they stand, braces and all; a slot in Korean there is a slip.
        if line.role == "bot" and re.search(r"[{}]" if line.part in SLOTS else r"\{[가-힣]+[:}]", line.text):
            fault = template_fault(line.text, SLOTS.get(line.part, frozenset()) | own[line.file])
            if fault:
                yield finding(line.file, line.line, "template", f"{line.text!r}: {fault}")


def template_fault(template: str, allowed: frozenset[str] | set[str]) -> str:
    """What is wrong with a template that may use the slots `allowed`; an empty string when nothing is."""
    slots = slots_of(template)
    unknown = slots - set(allowed)
    if unknown:
        known = ", ".join(sorted(allowed)) or "none"
        return f"nobody fills {{{sorted(unknown)[0]}}} here (allowed: {known})"
    try:
        filled = fill(template, dict.fromkeys(slots, "도담"))
    except ChatbotError as error:
        return str(error)
    return "a brace is left over; write {이름} or {이름:은/는}" if "{" in filled or "}" in filled else ""


def profanity(lines: Sequence[Line], words: Profanity) -> Iterator[Finding]:
    """Profane words: an error in what the bot says, a warning in what users say."""
    for line in lines:
        word = words.found_in(line.text) if line.role != "name" else ""
        if word:
            code = "profanity" if line.role == "bot" else "user-profanity"
            yield finding(line.file, line.line, code, f"{word!r} in {line.text[:40]!r}")


def speech_levels(lines: Sequence[Line]) -> Iterator[Finding]:
    """Bot lines that do not keep to 해요체; told by the last letters of each sentence, quotations left out."""
    for line in lines:
        # The wordings said after a change of level are in that level on purpose.
        if line.role == "bot" and not line.key.startswith("level_"):
            sentence = foreign_sentence(line.text)
            if sentence:
                yield finding(line.file, line.line, "speech-level", f"{sentence!r} is not 해요체")


def foreign_sentence(text: str) -> str:
    """The first sentence that ends in 합쇼체 or 반말, or an empty string."""
    for sentence in _SENTENCE.findall(_QUOTED.sub("", text)):
        plain = str(sentence).strip(" ,;:·-ㅋㅎㅠㅜ♪\"'")
        if not _HAEYO.search(plain) and (_HAPSYO.search(plain) or (" " in plain and _HAE.search(plain))):
            return plain
    return ""


def leaks(lines: Sequence[Line], held_out: Sequence[HeldOut]) -> Iterator[Finding]:
    """Lines the corpus teaches that a model is measured on."""
    taught = _by_words(lines)
    for item in held_out:
        for line in taught.get(_squeezed(item.text), ()):
            message = f"{line.text!r} is measured on in {item.file}:{item.line}; delete it here or there"
            yield finding(line.file, line.line, "leak", message)


def remembered(lines: Sequence[Line], file: Path, golden: Sequence[HeldOut]) -> Iterator[Finding]:
    """A golden dialogue file most of whose lines are taught word for word.

    Golden dialogues pin how a talk goes, and what is taught must stay answered as taught, so that a line which stands
    in both is no leak by itself: no figure is measured on them (`--held-out` files are for that). A file that holds
    hardly anything else shows memory alone. One word counts neither way: everybody says 안녕.
    """
    taught = _by_words(lines)
    several = [item for item in golden if " " in item.text]
    known = [item for item in several if _squeezed(item.text) in taught]
    if len(known) >= MIN_REMEMBERED and len(known) > MAX_REMEMBERED * len(several):
        example = known[0]
        message = (
            f"{len(known)} of {len(several)} lines are taught word for word, such as {example.text!r}; "
            "say some of them in other words"
        )
        yield finding(file, example.line, "golden-leak", message)


def _by_words(lines: Sequence[Line]) -> dict[str, list[Line]]:
    taught: defaultdict[str, list[Line]] = defaultdict(list)
    for line in _taught(lines, "intents", "knowledge", "chat"):
        taught[_squeezed(line.text)].append(line)
    return taught


def _taught(lines: Sequence[Line], *parts: str) -> list[Line]:
    return [line for line in lines if line.part in parts and line.role == "user" and line.text]


def _squeezed(text: str) -> str:
    """The key without spaces: 뭐 해 and 뭐해 are one utterance; the text itself when only marks are left."""
    return key(text).replace(" ", "") or text.strip()
