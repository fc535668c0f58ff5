"""Follow-ups on what was said last: "더 알려줘", "예를 들면?", "그건 왜?", "다시 말해줘", "더 쉽게". Knows no models.

A follow-up has no meaning of its own: it is resolved against the topic (a knowledge entry) or the last reply.
The patterns are strict, so that "더 알려줘" about the weather ("날씨 더 알려줘") is left to the others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
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
    r"(?:(?:그거|그건|그게|그것|이거|이건|(?:방금|아까)(?:그거|거|말한거|얘기한거|그건))(?:에대해서?|은|는|도|를|을)?)?"
)
_AFTER = (
    r"(?:좀|한번|하나만?|더|요|(?:해|알려|들어|보여|말해|설명해)?(?:줘|주세요|줄래|줄래요|봐|봐요)|부탁해|있어|없어|있나"
    r"|뭐야|뭐예요|뭔데|궁금해)*요?[?!.~ㅋㅎㅠ]*"
)
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(f"{_BEFORE}(?:{core}){_AFTER}"))
    for kind, core in (
        (
            "more",
            r"좀?(?:더|조금더)?(?:자세히|자세하게|깊게)?(?:알려|말해|설명해?|얘기해?|이야기해?|듣고싶어?|알고싶어?)"
            r"|더알아보기|더?자세히|하나만?더|더|계속해?|이어서|또|그리고|그래서",
        ),
        # a bare 예 is a yes
        (
            "example",
            r"예를?(?:들면|들어서?|들어보면|들자면)|예(?:하나|좀)|(?:예시|보기|사례)[를을는가]?(?:하나|좀|보여)?|이를테면",
        ),
        (
            "why",
            r"왜(?:그렇게생각해|그렇게생각하는데|그렇게말해|그렇게봐|그렇게느껴|그래|그런거야|그런데|그렇지|그렇죠|그런가요|그런건데|그런거예요|필요해|필요한데|중요해|써|쓰는거야|쓰는데|그렇게돼)?"
            r"|이유[는가도]?|어째서",
        ),
    )
)
_AGAIN = re.compile(
    rf"(?:아까|방금)?(?:뭐라고(?:했어|했지|했죠)?|다시(?:한번)?(?:말해|얘기해|설명해|알려)|한번더말해){_AFTER}"
)


# As people usually say them; a line that is one of these but for a slip of the finger is one of these.
_USUAL: tuple[str, ...] = (
    "더 알려줘", "더 알려주세요", "더 알려줘요", "더 자세히", "더 자세히 알려줘", "더 자세히 알려줘요",
    "더 설명해줘", "더 말해줘", "그거 더 알려줘", "그거 더 자세히 알려줘", "아까 말한 거 더 알려줘",
    "아까 말한 거 더 알려줘요", "계속해줘", "예를 들면", "예를 들면요", "예를 들어줘", "예를 들어줘요",
    "예를 들어 주세요", "예시 하나만", "예시 들어줘", "예를 들어봐", "아까 말한 거 예를 들면", "그건 왜",
    "그건 왜요", "왜 그런 거야", "왜 그런 거예요", "그건 왜 중요해", "그건 왜 중요해요", "다시 말해줘",
    "다시 말해줘요", "다시 말해 주세요", "다시 설명해줘", "한 번 더 말해줘", "뭐라고 했어",
)  # fmt: skip
_SLIPS = Slips(_USUAL)
_MARKS = "?!.~ㅋㅎㅠ"


def kind_of(text: str) -> str:
    """The follow-up that `text` is: more, example, why, again, or "" for one that stands on its own."""
    squeezed = text.replace(" ", "")
    kind = _kind_of(squeezed)
    if not kind:
        meant = _SLIPS.find(squeezed.rstrip(_MARKS))
        kind = _kind_of(meant) if meant else ""
    return kind


def _kind_of(squeezed: str) -> str:
    if _AGAIN.fullmatch(squeezed):
        return "again"
    return next((kind for kind, pattern in _KINDS if pattern.fullmatch(squeezed)), "")


# Sources of small talk, which has no reason behind it that could be told.
_CHAT = (Source.TEMPLATE, Source.RETRIEVAL, Source.SEQ2SEQ)


class FollowUpSpeaker:
    """Answers a follow-up from the topic's entry; passes on everything else."""

    def __init__(self, knowledge: Mapping[str, KnowledgeEntry], phrases: Phrases) -> None:
        self._knowledge = knowledge
        self._phrases = phrases

    def __call__(self, reading: Reading) -> Proposal | None:
        state = reading.state
        kind = kind_of(reading.text)
        if not kind:
            return None
        if kind == "again":
            return self._again(reading)
        entry = self._knowledge.get(state.topic)
        if entry is None:
            return self._without_topic(reading, kind)
        if kind == "why" and state.count - state.topic_at > 1:
            return self._without_topic(reading, kind)
        return self.tell(reading, entry, kind)

    def _without_topic(self, reading: Reading, kind: str) -> Proposal | None:
        """Nothing was explained: owns up that there is no more to tell, or why a chat reply was said."""
        state = reading.state
        if kind != "why":
            return self._say("no_topic", reading, state, "아직 설명한 것이 없음")
        asks = state.last is not None and state.last.response.source in _CHAT and "왜" in reading.text
        return self._say("why_chat", reading, state, "주고받은 말의 까닭을 물음") if asks else None

    def _again(self, reading: Reading) -> Proposal:
        last = reading.state.last
        if last is None:
            return self._say("nothing_said", reading, reading.state, "아직 한 말이 없음")
        return Proposal(last.response.reply, last.response.source, "다시 말해 달라고 함", reading.state)

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
        related = [self._knowledge[name] for name in entry.related if name in self._knowledge]
        reason = f"'{entry.title}' 이야기는 다 했음 ({kind})"
        if not related:
            return self._say("no_more_alone", reading, state, reason)
        return self._say("no_more", reading, state, reason, 다음=reading.rng.choice(related).title)

    def _say(self, occasion: str, reading: Reading, state: State, reason: str, **slots: str) -> Proposal:
        reply = self._phrases.say(occasion, reading.rng, recent_replies(state), **slots)
        return Proposal(reply, Source.RETRIEVAL, reason, state, intent="followup")
