"""Why the bot said it, in Korean: what `/why` shows. In: a response, what its names are called. Out: lines.

No name of the code is shown where a label is known: an intent is called by its description, a skill by what it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from chatbot.types import Intent, IntentScores, Response, Source

SOURCES = {
    Source.SAFETY: "안전 안내",
    Source.SKILL: "기능",
    Source.TEMPLATE: "의도에 맞춘 답",
    Source.RETRIEVAL: "찾아낸 답",
    Source.SEQ2SEQ: "만들어 낸 답",
    Source.CLARIFY: "되묻기",
    Source.FALLBACK: "못 알아들음",
}
# What the other names in reasons are called.
LABELS: Mapping[str, str] = {
    "clock": "시계", "calendar": "달력", "calculator": "계산기", "converter": "단위 바꾸기", "pick_one": "고르기",
    "news": "뉴스", "study_plan": "공부 계획", "more": "더 알려 주기", "example": "예 들기", "why": "까닭 말하기",
    "crisis": "위기", "crisis_other": "곁에 있는 사람의 위기", "abuse_report": "폭력 피해",
    "emergency": "응급", "concern": "위험할 수 있음",
    "bullying": "따돌림", "death_news": "죽음 소식", "death_fear": "죽음에 대한 두려움", "ailment": "아픈 데",
    "hate": "혐오 표현", "profanity": "거친 말", "medical": "건강",
    "legal": "법률", "money": "투자와 대출", "injection": "규칙을 바꾸려는 말", "danger": "위험한 부탁",
    "privacy": "남의 개인정보", "fraud": "사기", "secret": "비밀 약속", "sad": "슬픔", "happy": "기쁨",
    "laugh": "웃음", "angry": "화", "love": "사랑", "quiz_right": "맞힘", "quiz_wrong": "틀림",
    "quiz_answer": "답을 알려 줌", "quiz_stopped": "그만둠", "quiz_hint": "힌트를 줌",
    "quiz_no_more_hints": "힌트를 다 줌", "hae": "반말", "haeyo": "존댓말", "hapsyo": "격식체",
}  # fmt: skip
_NAME = re.compile(r"(?<![가-힣A-Za-z0-9_/'.])[a-z]+(?:_[a-z]+)*(?![A-Za-z0-9_/'])")
# The key of a reply template says nothing to a reader.
_KEY = re.compile(r"답 \S+/[0-9a-f]{8}, ")
_QUOTED = re.compile(r"('[^']*'|“[^”]*”)")
_SHOWN = 3
# A candidate less likely than this was never one.
SHOWN_FROM = 0.1


def labels_of(intents: Sequence[Intent]) -> dict[str, str]:
    """Each intent by its Korean description, or by its first example where it has none."""
    return {
        intent.name: f"‘{_short(intent.description)}’" if intent.description else f"‘{intent.examples[0]}’ 같은 말"
        for intent in intents
        if intent.description or intent.examples
    }


def explain(response: Response, intents: Mapping[str, str] | None = None) -> list[str]:
    """The source and the reason, then what the models thought, a line each."""
    known = intents or {}
    lines = [
        f"출처: {SOURCES[response.source]}, 확신 {response.confidence:.2f}",
        f"까닭: {_readable(response.reason, known)}",
    ]
    if response.scores is not None:
        lines += _scores(response.scores, known)
    lines += [
        f"후보: {c.text} ({SOURCES[c.source]}, {c.score:.2f})"
        for c in response.candidates[:_SHOWN]
        if c.score >= SHOWN_FROM
    ]
    return lines


def _scores(scores: IntentScores, intents: Mapping[str, str]) -> Iterator[str]:
    ranked = " · ".join(f"{_label(score.intent, intents)} {score.probability:.2f}" for score in scores.ranked[:_SHOWN])
    yield f"의도: {ranked} (기준 {scores.threshold:.2f}, 차이 {scores.margin:.2f}, 낯익음 {scores.known:.2f})"
    nearest = {text: (intent, similarity) for text, intent, similarity in scores.nearest}
    for text, (intent, similarity) in nearest.items():
        yield f"닮은 예문: {text} ({_label(intent, intents)}, {similarity:.2f})"
    if scores.weights:
        yield "눈여겨본 말: " + ", ".join(f"{word} {weight:.0%}" for word, weight in scores.weights[:4])


def _label(name: str, intents: Mapping[str, str]) -> str:
    return intents.get(name, name)


def _readable(reason: str, intents: Mapping[str, str]) -> str:
    """The reason with labels for names; what stands in quotes is somebody's words and stays."""

    def label(match: re.Match[str]) -> str:
        name = match[0]
        return LABELS.get(name) or (_label(name, intents) if name in intents else name)

    parts = _QUOTED.split(_KEY.sub("", reason))
    return "".join(part if place % 2 else _NAME.sub(label, part) for place, part in enumerate(parts))


def _short(description: str) -> str:
    """사용자가 고맙다고 말한다. → 고맙다고 말한다"""
    return description.strip().removeprefix("사용자가 ").rstrip(".")
