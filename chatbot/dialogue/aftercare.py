"""The turns after a cry for help: nobody jokes there, and nobody is left with "I did not understand". Knows no danger
itself: safety.py does. A goodbye (먼저 갈게) is one, but after words of despair it is asked what it means.
"""

from __future__ import annotations

import re

from chatbot.dialogue.danger import BULLYING, CONCERN, CRISIS
from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.safety import DANGER
from chatbot.dialogue.speakers import recent_replies
from chatbot.dialogue.tone import LOW_INTENTS, sounds_low
from chatbot.types import Source

# What is said after each kind of danger; what follows a suicidal wish is plain "aftercare".
OCCASIONS = {kind: f"aftercare_{kind}" for kind in DANGER if kind != CRISIS}
LEAVING = "aftercare_leaving"
# Turns for which what was said still hangs over the talk.
LASTS = 4
# … and of a mere concern, which may have been none: what is asked or told besides is answered as ever.
CONCERN_LASTS = 2
_QUESTION = re.compile(r"\?|(?:까요|나요|가요|니까|는지요)[\s.!~]*$")
# What nobody means while it does: a joke or a quiz needs a plain request, and thanks sound like praise.
_LIGHT = ("joke_request", "quiz_request", "praise")
_ASKS_PLAINLY = re.compile(r"퀴즈|문제\s?(?:하나|내)|(?:농담|개그|재밌는|웃긴)\S*\s?\S*\s?(?:해|하나|들려|알려)")
# A goodbye that may be the last one, and what makes it sound so when it was said just before.
_LEAVING = re.compile(
    r"(?:나|난|저|이제|먼저|그만|이만|그럼|다들|모두|나\s?이제|저는)*\s*(?:(?:먼저|이제|그만|이만)\s?(?:갈게|갈께|간다|가볼게|갑니다|갈란다|떠날게)"
    r"|잘\s?있어|잘\s?살아|그동안\s?고마웠\S*|고마웠어|다들\s?안녕)(?:요|ㅠ|ㅜ|[.!~\s])*"
)
_DESPAIR = re.compile(
    r"지쳤|지친다|못\s?버티|버티기|버틸|살기\s?싫|살아서|사는\s?게|사는게|의미(?:가)?\s?없|소용\s?없|희망(?:이)?\s?없|무너|괴로|괴롭"
    r"|다\s?끝났|다\s?끝내|포기하고\s?싶|포기할래|쓸모\s?없|아무도\s?없|혼자(?:야|인\s?것)|외로|외롭|우울|벼랑"
)
# It was none: 그냥 인사야, 장난이야, 그런 거 아니야.
MISHEARD = "aftercare_fine"
_HARMLESS = re.compile(
    r"[ㅋㅎㅠㅜ\s,.]*(?:아니+|아뇨|응|에이|아|음)?[\s,.]*(?:그냥|진짜|정말)?\s*(?:인사|작별\s?인사|장난|농담|드립|비유|노래\s?가사|게임\s?(?:얘기|이야기)|영화\s?(?:얘기|이야기)"
    r"|오해|괜찮|그런\s?(?:거|뜻|말)(?:은|이)?\s?아니|그런\s?거\s?아님|아니야|아니에요|아닌데|잘못\s?(?:들|알)|별일\s?(?:아니|없))\S*(?:\s?\S{1,4})?[\s.!~ㅋㅎ]*"
)
# What people answer to a help line. Whoever asks for something else is answered as ever.
_ANSWERS = LOW_INTENTS - {"math_struggle", "focus_trouble", "study_unwilling"} | {
    "thanks", "acknowledge", "affirm", "deny", "laugh", "surprise", "apology", "farewell", "praise", "complaint",
    "repeat_please",
}  # fmt: skip


# … and who is mocked at school: 학교 가기 싫어.
_OF_SCHOOL = ("study_unwilling",)


class AftercareSpeaker:
    """Stays with the user after a crisis, and names the help lines once more."""

    def __init__(self, phrases: Phrases) -> None:
        self._phrases = phrases

    def __call__(self, reading: Reading) -> Proposal | None:
        told = [turn.response for turn in reading.state.turns[-LASTS:] if turn.response.source is Source.SAFETY]
        kind = next((response.intent for response in reversed(told) if response.intent in DANGER), None)
        if kind is None:
            return self._stay(reading)
        harmless = _HARMLESS.fullmatch(reading.text.strip())
        if kind == CONCERN and harmless:
            reply = self._phrases.say(MISHEARD, reading.rng, recent_replies(reading.state))
            return Proposal(reply, Source.SAFETY, "걱정할 일이 아니라고 함", reading.state, intent="aftercare")
        scores = reading.scores
        if kind == CONCERN and not harmless and self._passed(reading):
            return None
        # Who takes back a plain cry for help is stayed with all the same: 농담이야 asks for no joke.
        intent = scores.best.intent
        lightly = intent in _LIGHT and not _ASKS_PLAINLY.search(reading.text)
        answers = intent in _ANSWERS or (kind == BULLYING and intent in _OF_SCHOOL)
        if scores.accepted and not answers and not (harmless or lightly):
            return None
        reply = self._phrases.say(OCCASIONS.get(kind, "aftercare"), reading.rng, recent_replies(reading.state))
        return Proposal(reply, Source.SAFETY, "방금 위기를 말함", reading.state, intent="aftercare")

    @staticmethod
    def _passed(reading: Reading) -> bool:
        """Whether a line leaves a mere concern behind: an ordinary question, or other talk a turn later."""
        raised = next(at for at, turn in enumerate(reversed(reading.state.turns)) if turn.response.intent == CONCERN)
        answers = reading.scores.accepted and reading.scores.best.intent in _ANSWERS
        if raised >= CONCERN_LASTS:
            return True
        other = raised > 0 or _QUESTION.search(reading.text) is not None
        return other and not answers and not sounds_low(reading.text)

    def _stay(self, reading: Reading) -> Proposal | None:
        """Asks what a goodbye means that follows words of despair."""
        before = [turn.utterance.text for turn in reading.state.turns[-LASTS:]]
        if not _LEAVING.fullmatch(reading.text.strip()) or not any(map(_DESPAIR.search, before)):
            return None
        reply = self._phrases.say(LEAVING, reading.rng, recent_replies(reading.state))
        return Proposal(reply, Source.SAFETY, "힘들다고 한 뒤의 작별 인사", reading.state, intent=CONCERN, exact=True)
