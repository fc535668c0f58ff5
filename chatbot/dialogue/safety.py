"""Safety before everything: crises, abuse, profanity, hate, and questions a chatbot must not decide.

In: an utterance as typed and as normalised. Out: a `Verdict` with a fixed reply, or None. Rules, exceptions and
replies are data under corpus/lexicon/safety_*; a reply to a person in danger is never generated. Classifiers back the
rules: one knows cries for help in words that no rule has (danger.py), one insults.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from chatbot.dialogue.danger import ABUSE, BULLYING, CERTAIN, CONCERN, CRISIS, EMERGENCY, SURE
from chatbot.dialogue.gibberish import is_gibberish
from chatbot.errors import CorpusError
from chatbot.text.jamo import compose, two_set_to_hangul
from chatbot.text.normalize import normalize

if TYPE_CHECKING:
    from chatbot.dialogue.danger import DangerClassifier
    from chatbot.dialogue.safety_classifier import SafetyClassifier
    from chatbot.neural.meanings import Words

# Kinds whose words must never stand in a reply, and words that must not though a user who says them means no harm.
_UNSPEAKABLE = ("profanity", "hate")
_UNSAID = "unspeakable"
# A comment that opens a pattern which must not be found across a word border ("혼자 살아" holds no 자살).
_WORDS = "(?#words)"
# A comment that opens an exception which only looks like an insult: the classifier of danger reads it.
_INSULTS = "(?#insult)"
_OTHER = re.compile(r"[^가-힣ㄱ-ㅎㅏ-ㅣA-Za-z]+")
# A sign put between syllables to slip past a filter: 시1발, 자l살, 시.발.
_SLIPPED_IN = re.compile(r"(?<=[가-힣ㄱ-ㅎ])[0-9lI|!@*^~._/-]{1,2}(?=[가-힣ㄱ-ㅎ])")
# Letters and figures that stand for a jamo where they touch one (ㅈr살, Sㅣ발, 7ㅐ새끼) or for a syllable (씨8, 18놈).
_JAMO_SIGNS = {"r": "ㅏ", "t": "ㅜ", "h": "ㅐ", "i": "ㅣ", "s": "ㅅ", "7": "ㄱ", "o": "ㅇ", "0": "ㅇ", "e": "ㅌ"}
_FOR_JAMO = re.compile(r"(?<=[ㄱ-ㅎ])[rthi](?=[가-힣ㄱ-ㅎ]|$)|(?<![a-z0-9])[s7o0e](?=[ㅏ-ㅣ])")
_FIGURES = (
    (re.compile(r"(?<![가-힣\d])([씨시쉬씹ㅅㅆ])8(?![\d시분일월년번명개세살원편])"), r"\1발"),
    (re.compile(r"(?<!\d)18\s?(?=놈|년[아들놈]|새[끼기키]|색[끼기]|ㅅㄲ|련|롬|것들|자식)"), "씨발 "),
    (re.compile(r"^((?:아|에이|이런|하)\s?)18(?=[\s.!~ㅋㅎㅠ]*$)"), r"\1씨발"),
)
# Words that people write in many ways; without spaces.
_CASUAL = (
    (re.compile(r"어[케캐]|어[뜨떠]케"), "어떻게"),
    (re.compile(r"어떡함|어떡하지|어칼까|우짜노|우야노"), "어떡해"),
)
# Two or more words of one syllable: somebody spelt a word out.
_APART = re.compile(r"(?<!\S)[가-힣ㄱ-ㅎㅏ-ㅣ](?: [가-힣ㄱ-ㅎㅏ-ㅣ])+(?!\S)")

# Latin letters that may be Korean typed without switching the keyboard.
_KEYS = re.compile(r"[a-z]{5,}")
# What the classifier can judge: a word or two, not a sound.
_SPEECH = re.compile(r"[가-힣][^가-힣]*[가-힣][^가-힣]*[가-힣]")


# Somebody else's wish to die: the speaker is told what to do for them (친구가 죽고 싶대, 동생이 손목을 그었어요).
_OTHERS_CRISIS = "crisis_other"
_OF_ANOTHER = re.compile(
    r"(?:친구|동생|언니|오빠|누나|형|엄마|아빠|어머니|아버지|남편|아내|와이프|아들|딸|아이|애|남친|여친|남자친구|여자친구|동료|룸메|선배|후배"
    r"|지인|사촌|할머니|할아버지|이모|삼촌|조카|학생|누가|누군가|사람)(?:이|가|도|는|은|께서)?\s?(?:(?!나|내|저|제).){0,14}"
    r"(?:싶대|싶다고|싶다는|싶어\s?해|싶어\s?하|자살(?!시)|자해|손목|뛰어내|유서|죽으려|죽겠대|죽겠다고|죽을\s?거래|죽는대|목을\s?[맸매])"
)

# Somebody may be in danger: answered word for word, and before whatever else waits.
DANGER = (CRISIS, BULLYING, ABUSE, EMERGENCY, CONCERN)
# Who asks for these has no danger to tell of, though the words are much the same.
_OTHERWISE_MEANT = ("danger", "injection", "death_fear")
# Who writes of suits and debts uses words of danger, too.
_SOUNDS_ALIKE = ("legal", "money")
MEDICAL = "medical"
# What ails people: no kind of verdict, since a person may have written an answer to it (careful.py).
_AILMENT = "ailment"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why an utterance is answered by the safety layer: its kind, the fixed reply, the rule behind it."""

    kind: str
    reply: str
    reason: str
    probability: float = 1.0


@dataclass(frozen=True)
class Safety:
    """The compiled rules: (kind, pattern) in order of precedence; `allowed` is cut out before they look, `harmless`
    (what only looks like danger) before the classifier of danger does.
    """

    rules: Sequence[tuple[str, re.Pattern[str]]]
    allowed: re.Pattern[str]
    harmless: re.Pattern[str]
    replies: Mapping[str, Sequence[str]]
    ailments: Sequence[re.Pattern[str]] = ()
    unsaid: Sequence[re.Pattern[str]] = ()
    classifier: SafetyClassifier | None = None
    danger: DangerClassifier | None = None

    @classmethod
    def load(cls, lexicon: Path, pretrained: Path | None = None, words: Words | None = None) -> Safety:
        """Read safety_rules.tsv, safety_allowed.tsv, safety_replies.yaml, and the classifiers in a folder of weights.

        `words` spares the classifier of danger an analyzer of its own.

        Raises
        ------
        CorpusError
            when a file is missing, a pattern is no regular expression, or a kind has no reply.
        CheckpointError
            when the folder of a classifier is damaged.
        """
        replies = _replies(lexicon / "safety_replies.yaml")
        every = _rules(lexicon / "safety_rules.tsv", [*replies, _UNSAID])
        allowed, harmless = _allowed(lexicon / "safety_allowed.tsv")
        rules = [rule for rule in every if rule[0] not in (_AILMENT, _UNSAID)]
        ailments, unsaid = ([pattern for kind, pattern in every if kind == one] for one in (_AILMENT, _UNSAID))
        if pretrained is None:
            return cls(rules, allowed, harmless, replies, ailments, unsaid)
        from chatbot.dialogue.danger import DangerClassifier
        from chatbot.dialogue.safety_classifier import SafetyClassifier

        insults = SafetyClassifier.load(pretrained / "safety")
        return cls(
            rules,
            allowed,
            harmless,
            replies,
            ailments,
            unsaid,
            insults,
            DangerClassifier.load(pretrained / "danger", words),
        )

    def check(self, raw: str, text: str) -> Verdict | None:
        """The first rule that holds for the utterance, in order of precedence; else what the classifiers think.

        Danger goes before everything, whoever sees it; before another rule only where the classifier is sure, and
        certain where that rule is of suits and debts.
        """
        kind = self._ruled(raw, text)
        feared = None if kind in (*DANGER, *_OTHERWISE_MEANT) else self._feared(raw)
        needed = CERTAIN if kind in _SOUNDS_ALIKE else SURE
        if feared is not None and (not kind or feared.probability >= needed):
            return feared
        return self._verdict(kind, raw, f"안전 규칙 ({kind})") if kind else self._insult(raw)

    def urgent(self, raw: str) -> bool:
        """Whether somebody may be in danger."""
        return self._ruled(raw, raw) in DANGER or self._feared(raw) is not None

    def _ruled(self, raw: str, text: str) -> str | None:
        forms = dict.fromkeys((raw, text))
        squeezed = [self.allowed.sub(" ", squeeze(form)) for form in forms]
        spelt = [self.allowed.sub(" ", spell(form)) for form in forms]
        for kind, search, wordwise in self._searches:
            for form in spelt if wordwise else squeezed:
                if search(form):
                    return kind
        return None

    @cached_property
    def _searches(self) -> list[tuple[str, Callable[[str], object], bool]]:
        """The rules with whether they look at words; every message pays for what is worked out here once."""
        return [
            (kind, pattern.search, kind in _UNSPEAKABLE or pattern.pattern.startswith(_WORDS))
            for kind, pattern in self.rules
        ]

    def _feared(self, raw: str) -> Verdict | None:
        """What the classifier of danger thinks of words."""
        words = self.heard(raw)
        if self.danger is None or not _SPEECH.search(words) or is_gibberish(words):
            return None
        kind, probability = self.danger.judge(words)
        return self._verdict(kind, raw, f"위험 분류기, 확률 {probability:.2f}", probability) if kind else None

    def heard(self, raw: str) -> str:
        """`raw` as the classifier of danger reads it, and as it is taught."""
        return self.harmless.sub(" ", spell(raw)).strip()

    def _insult(self, raw: str) -> Verdict | None:
        """What the classifier thinks of words that no rule knows; it never sees mere sounds and look-alikes."""
        plain = _plain(raw)
        if self.classifier is None or not _SPEECH.search(plain) or is_gibberish(plain) or self.allowed.search(plain):
            return None
        probability = self.classifier.probability(plain)
        if probability < self.classifier.threshold:
            return None
        return self._verdict("profanity", raw, f"안전 분류기, 확률 {probability:.2f}", probability)

    def _verdict(self, kind: str, raw: str, reason: str, probability: float = 1.0) -> Verdict:
        wordings = self.replies[_OTHERS_CRISIS if kind == CRISIS and _OF_ANOTHER.search(raw) else kind]
        reply = wordings[zlib.crc32(raw.encode("utf-8", "replace")) % len(wordings)]
        return Verdict(kind, reply, reason, probability)

    def on_ailment(self, raw: str) -> str | None:
        """The careful answer to somebody who tells of a hurt or an illness; None for any other text."""
        told = squeeze(raw)
        if not any(pattern.search(told) for pattern in self.ailments):
            return None
        return self._verdict(_AILMENT, raw, "").reply

    def may_say(self, reply: str) -> bool:
        """Whether a reply is free of profanity and hate, whoever made it."""
        form = self.allowed.sub(" ", spell(reply))
        forbidden = [*self.unsaid, *(pattern for kind, pattern in self.rules if kind in _UNSPEAKABLE)]
        return not any(pattern.search(form) for pattern in forbidden)


def squeeze(text: str) -> str:
    """The text without spaces: "죽 고 싶 어", "ㅈㅜㄱ고싶어" and "죽고 싶어" are one."""
    squeezed = compose(_OTHER.sub("", _plain(text)))
    for pattern, usual in _CASUAL:
        squeezed = pattern.sub(usual, squeezed)
    return squeezed


def spell(text: str) -> str:
    """The text as words; syllables written apart are one word ("죽 고" is 죽고, "기호로 표시" stays two).

    A Latin word is appended once more as its keys would write it in Hangul: tlqkf hides a Korean word.
    """
    words = [compose(_OTHER.sub("", word)) for word in _plain(text).split()]
    words += [two_set_to_hangul(word) for word in words if _KEYS.fullmatch(word)]
    return _APART.sub(lambda match: match[0].replace(" ", ""), " ".join(word for word in words if word))


def _plain(text: str) -> str:
    plain = normalize(text, 2000).lower()
    for pattern, syllable in _FIGURES:
        plain = pattern.sub(syllable, plain)
    return _SLIPPED_IN.sub("", _FOR_JAMO.sub(lambda sign: _JAMO_SIGNS[sign[0]], plain))


def _lines(path: Path) -> list[tuple[int, str]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read: {error.strerror}; the bot does not talk without it") from error
    return [(n, line) for n, line in enumerate(lines, start=1) if line.strip() and not line.startswith("#")]


def _replies(path: Path) -> Mapping[str, Sequence[str]]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (OSError, yaml.YAMLError) as error:
        raise CorpusError(f"{path}: cannot be read: {error}") from error
    if not isinstance(values, dict) or not all(isinstance(v, list) and v for v in values.values()):
        raise CorpusError(f"{path}: expected kinds, each with a list of replies")
    return {str(kind): [str(reply) for reply in replies] for kind, replies in values.items()}


def _rules(path: Path, kinds: list[str]) -> list[tuple[str, re.Pattern[str]]]:
    rules = []
    for number, line in _lines(path):
        kind, _, pattern = line.partition("\t")
        if kind not in kinds:
            raise CorpusError(f"{path}:{number}: unknown kind {kind!r} (allowed: {', '.join(kinds)})")
        rules.append((kind, _compiled(pattern, path, number)))
    return sorted(rules, key=lambda rule: kinds.index(rule[0]))


def _allowed(path: Path) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Every exception as one pattern, and those that are not about insults."""
    patterns = [_compiled(pattern, path, number).pattern for number, pattern in _lines(path)]
    return _either(patterns), _either([pattern for pattern in patterns if not pattern.startswith(_INSULTS)])


def _either(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or r"(?!)")


def _compiled(pattern: str, path: Path, number: int) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise CorpusError(f"{path}:{number}: not a regular expression: {error}") from error
