"""Follow-ups on what was said last: "더 알려줘", "다른 예는?", "그건 왜?", "한 줄로", "다시 말해줘". Knows no models.

A follow-up has no meaning of its own: it is resolved against the topic (a knowledge entry) or the last reply.
The patterns are strict, so that "더 알려줘" about the weather ("날씨 더 알려줘") is left to the others.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.slips import Slips
from chatbot.dialogue.speakers import recent_replies
from chatbot.dialogue.state import State
from chatbot.types import KnowledgeEntry, Source

# Matched without spaces. What may stand before (그럼 그거), and what may follow (좀 해 주세요).
_BEFORE = (
    r"(?:그럼|근데|그런데|아|음|오)?"
    r"(?:(?:그거|그건|그게|그것|이거|이건|(?:방금|아까)(?:그거|거|말한거|얘기한거|그건))(?:에대해서?|은|는|도|를"
    r"|을)?)?"
)
_AFTER = (
    r"(?:좀|한번|하나만?|더|요|(?:해|알려|들어|보여|말해|설명해)?(?:줘|주세요|줄래|줄래요|봐|봐요|주시겠어|주시겠습니까|주실래|주실수있나|주십시오)|부탁해|부탁합니다|있어|없어"
    r"|있나"
    r"|뭐야|뭐예요|뭔데|궁금해)*요?[?!.~ㅋㅎㅠ]*"
)
_BIT = r"(?:(?:좀|쫌|조금|쪼금|쪼끔|살짝|약간)만?)?"
_CLOSELY = r"(?:자세히|자세하게|구체적으로|깊게|깊이|길게)"
_SHORTLY = (
    r"(?:(?:한|두|세|1|2|3)(?:줄|문장|마디)|간단히|간단하게|간략히|간략하게|짧게|핵심만|요점만|결론만)(?:로|으로|만)?"
)
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(f"{_BEFORE}(?:{core}){_AFTER}"))
    for kind, core in (
        (
            "more",
            rf"{_BIT}(?:더)?{_CLOSELY}?(?:알려|말해|설명해?|얘기해?|이야기해?|듣고싶어?|알고싶어?)"
            rf"|더알아보기|{_BIT}더?{_CLOSELY}|{_BIT}더|하나만?더|계속해?|이어서|또|그리고|그래서",
        ),
        # a bare 예 is a yes
        (
            "example",
            r"예를?(?:들면|들어서?|들어보면|들자면)|예(?:하나|좀|는|도|를)|(?:예시|보기|사례)[를을는은가도]?(?:하나"
            r"|좀|보여)?|이를테면"
            r"|(?:또|좀)?(?:다른|딴|또다른|새로운)(?:예|예시|보기|사례)[를을는은가도]?|또예|예(?:하나)?더|예시더",
        ),
        (
            "why",
            r"왜(?:그렇게생각해|그렇게생각하는데|그렇게말해|그렇게봐|그렇게느껴|그래|그런거야|그런데|그렇지|그렇죠"
            r"|그런가요|그런건데|그런거예요|필요해|필요한데|중요해|써|쓰는거야|쓰는데|그렇게돼)?"
            r"|이유[는가도]?|어째서",
        ),
    )
)
_SUMMARY = re.compile(
    rf"{_BEFORE}(?:{_SHORTLY}(?:요약|정리|설명|말|얘기|이야기|답|대답)?(?:해|하면|하자면)?|(?:요약|정리)(?:해|하면"
    rf"|하자면)?|(?:짧게)?줄여서?(?:말해|설명해)?)"
    rf"(?:다시)?(?:말해|설명해|알려)?{_AFTER}"
)
_SPOKEN = r"(?:내가못본거|그거|거|말한거|말한것|한말|한얘기|얘기한거|설명한거|설명|그얘기|그말)(?:을|를|은|는|도)?"
_AGAIN = re.compile(
    rf"(?:네|어|응|잉|엥|잠깐)?(?:아까|방금|좀전에|지금|조금전에)?(?:{_SPOKEN})?"
    r"(?:(?:뭐|머)(?:라고|라구|라)?(?:했어|했지|했죠|했더라|했는데|그랬어|그랬지|한거야|한거예요|하셨어|하셨어요"
    r"|한거지)|(?:뭐|머)라(?:[고구]|는거(?:야|예요|니))|(?:뭐|머)랬(?:어|지|더라)"
    rf"|다시(?:한번)?(?:만)?(?:더)?(?:말해|얘기해|설명해|알려|해|보여|들려)|다시한번만?|한번만?더(?:말해|얘기해"
    rf"|설명해|알려)|못(?:들었어|봤어|읽었어)요?(?:다시)?){_AFTER}"
)


# As people usually say them; a line that is one of these but for a slip of the finger is one of these.
_USUAL: tuple[str, ...] = (
    "더 알려줘", "더 알려주세요", "더 알려줘요", "더 자세히", "더 자세히 알려줘", "더 자세히 알려줘요",
    "더 설명해줘", "더 말해줘", "그거 더 알려줘", "그거 더 자세히 알려줘", "아까 말한 거 더 알려줘",
    "아까 말한 거 더 알려줘요", "계속해줘", "예를 들면", "예를 들면요", "예를 들어줘", "예를 들어줘요",
    "예를 들어 주세요", "예시 하나만", "예시 들어줘", "예를 들어봐", "아까 말한 거 예를 들면", "그건 왜",
    "그건 왜요", "왜 그런 거야", "왜 그런 거예요", "그건 왜 중요해", "그건 왜 중요해요", "다시 말해줘",
    "다시 말해줘요", "다시 말해 주세요", "다시 설명해줘", "한 번 더 말해줘", "뭐라고 했어", "뭐라고",
    "뭐라고요", "방금 뭐라 했어",
    "방금 뭐라고 했어", "좀만 더", "조금만 더", "좀 더 자세히", "다른 예는", "또 다른 예", "요약해줘",
    "한 줄로 요약해줘", "짧게 말해줘", "간단히 말해줘", "아까 말한 거 다시 설명해줘", "아까 말한 거 다시 말해줘",
)  # fmt: skip
_SLIPS = Slips(_USUAL)
_MARKS = "?!.~ㅋㅎㅠ"
# A longer line has a meaning of its own.
MAX_LINE = 30
# The intent of a line that asks for the same again in other words, and what was said on each part of an entry.
_REPEAT = "repeat_please"
_CUES = {"more": "'더 알려줘'", "example": "'예를 들면?'", "why": "'그건 왜?'"}


def kind_of(text: str) -> str:
    """The follow-up that `text` is: more, example, why, summary, again, or "" for one that stands on its own."""
    squeezed = text.replace(" ", "")
    if len(squeezed) > MAX_LINE:
        return ""
    kind = _kind_of(squeezed)
    if not kind:
        meant = _SLIPS.find(squeezed.rstrip(_MARKS))
        kind = _kind_of(meant) if meant else ""
    return kind


def _kind_of(squeezed: str) -> str:
    if _AGAIN.fullmatch(squeezed):
        return "again"
    if _SUMMARY.fullmatch(squeezed):
        return "summary"
    return next((kind for kind, pattern in _KINDS if pattern.fullmatch(squeezed)), "")


_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
# Sources of small talk, which has no reason behind it that could be told.
_CHAT = (Source.TEMPLATE, Source.RETRIEVAL, Source.SEQ2SEQ)


def left_to_ask(entry: KnowledgeEntry, told: Collection[str]) -> str:
    """By which words the parts of an entry that were not told can be asked for; "" when all is told."""
    parts = {"more": entry.more, "example": entry.example, "why": entry.why}
    return ", ".join(_CUES[part] for part, text in parts.items() if text and part not in told)


class FollowUpSpeaker:
    """Answers a follow-up from the topic's entry; passes on everything else."""

    def __init__(self, knowledge: Mapping[str, KnowledgeEntry], phrases: Phrases) -> None:
        self._knowledge = knowledge
        self._phrases = phrases

    def __call__(self, reading: Reading) -> Proposal | None:
        state = reading.state
        kind = kind_of(reading.text)
        if kind == "again" or (not kind and state.last is not None and self._wants_again(reading)):
            return self._again(reading)
        if not kind:
            return None
        entry = self._knowledge.get(state.topic)
        if entry is None:
            return self._without_topic(reading, kind)
        if kind == "why" and state.count - state.topic_at > 1:
            return self._without_topic(reading, kind)
        return self._shorter(reading, entry) if kind == "summary" else self.tell(reading, entry, kind)

    @staticmethod
    def _wants_again(reading: Reading) -> bool:
        scores = reading.scores
        return scores.accepted and not scores.ambiguous and scores.best.intent == _REPEAT

    def _without_topic(self, reading: Reading, kind: str) -> Proposal | None:
        """Nothing was explained: owns up that there is no more to tell, or why a chat reply was said."""
        state = reading.state
        if kind != "why":
            occasion = "nothing_to_shorten" if kind == "summary" else "no_topic"
            return self._say(occasion, reading, state, "아직 설명한 것이 없음")
        asks = state.last is not None and state.last.response.source in _CHAT and "왜" in reading.text
        return self._say("why_chat", reading, state, "주고받은 말의 까닭을 물음") if asks else None

    def _again(self, reading: Reading) -> Proposal:
        """The last reply once more; 아까 말한 거 is what was explained, whatever was said since."""
        state = reading.state
        last = state.last
        if last is None:
            return self._say("nothing_said", reading, state, "아직 한 말이 없음")
        entry = self._knowledge.get(state.topic)
        if entry is not None and "아까" in reading.text and last.response.reply != entry.answer:
            told = replace(state, topic_at=state.count + 1)
            return Proposal(
                entry.answer, Source.RETRIEVAL, f"'{entry.title}' 이야기를 다시", told, intent="followup_again"
            )
        if state.form is not None and not state.form.paused:  # its question is asked again: it does not wait
            state = replace(state, form=replace(state.form))
        if state.quiz and state.quiz_at == state.count:
            state = replace(state, quiz_at=state.count + 1)
        reply, source = last.response.reply, last.response.source
        return Proposal(reply, source, "다시 말해 달라고 함", state, choices=state.choices)

    def _shorter(self, reading: Reading, entry: KnowledgeEntry) -> Proposal:
        """The first sentence of an entry says what it is."""
        short = _SENTENCE_END.split(entry.answer, maxsplit=1)[0]
        state = replace(reading.state, topic_at=reading.state.count + 1)
        said = self._say("summary", reading, state, f"'{entry.title}' 이야기를 짧게", 요약=short)
        return replace(said, intent="followup_summary")

    def tell(self, reading: Reading, entry: KnowledgeEntry, kind: str) -> Proposal:
        """The next part of `entry` that was not told yet."""
        state = reading.state
        parts = {"more": entry.more, "example": entry.example, "why": entry.why}
        wanted = [kind] if kind != "more" else ["more", "example", "why"]
        left = [part for part in wanted if parts[part] and part not in state.told]
        if left:
            told = replace(state, told=(*state.told, left[0]), topic_at=state.count + 1)
            reason = f"'{entry.title}' 이야기에 이어지는 물음 ({kind})"
            return Proposal(parts[left[0]], Source.RETRIEVAL, reason, told, intent=f"followup_{kind}")
        others = left_to_ask(entry, state.told)
        if kind == "example" and others:
            occasion = "no_more_examples" if entry.example else "no_example"
            still = replace(state, topic_at=state.count + 1)
            reason = f"'{entry.title}'의 예는 더 없음"
            return self._say(occasion, reading, still, reason, 남은=others)
        related = [self._knowledge[name] for name in entry.related if name in self._knowledge]
        reason = f"'{entry.title}' 이야기는 다 했음 ({kind})"
        if not related:
            return self._say("no_more_alone", reading, state, reason)
        return self._say("no_more", reading, state, reason, 다음=reading.rng.choice(related).title)

    def _say(self, occasion: str, reading: Reading, state: State, reason: str, **slots: str) -> Proposal:
        reply = self._phrases.say(occasion, reading.rng, recent_replies(state), **slots)
        return Proposal(reply, Source.RETRIEVAL, reason, state, intent="followup")
