"""A quiz question that waits for its answer. In: the questions of corpus/quizzes.yaml. Knows no models."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from chatbot.dialogue.hints import hints_to
from chatbot.dialogue.phrases import Phrases
from chatbot.dialogue.reading import Proposal, Reading
from chatbot.dialogue.state import State
from chatbot.errors import CorpusError
from chatbot.text.josa import fill
from chatbot.types import Source

_GIVE_UP = re.compile(r".*(?:모르겠|몰라|포기|패스|답\s*(?:[이은을]|좀)?\s*(?:뭐|알려|말해)).*")
_TELL = re.compile(r"(?:그래서|근데|아까|퀴즈|문제|그)*(?:정답|답)(?:이|은|을|좀)*(?:뭐|알려|말해|공개).*")
_HINT = re.compile(
    r".*(?:힌트|초성|첫\s?글자|몇\s?글자).*|(?:(?:너무|좀|아|음|이거|이건|문제가|헐)\s*)*어려(?:워|운데|웠|움|워요)\S*"
)
_ANSWERS = re.compile(r"(?:정답은|답은|정답!?)\s*\S.*")
_AGAIN = re.compile(
    r"(?:잠깐만?|뭐라고|아|응|음|네)*(?:그|아까|방금)?(?:퀴즈|문제|질문)?(?:를|을|가|이|만)?"
    r"(?:다시(?:한번만?)?(?:더)?|한번만?더)(?:말해|얘기해|알려|보여|들려|읽어|내|해|설명해)?(?:줘|주세요|줄래|봐)?요?"
    r"|(?:그|아까|방금)?(?:퀴즈|문제|질문)(?:가|이|는)?(?:뭐|머)(?:였지|였어|였더라|였죠|야|지|라고|라고했지|라고했어)요?"
    r"|(?:뭐|머)라(?:고|구)요?"
)
# Turns for which a question may still be asked about after something else was said.
OPEN_FOR = 3
HINT = "quiz/hint"
# Wordings that offer more on the topic.
_MORE_ASKED = "'더 알려줘'"
# Letters of a line that tries an answer and says nothing else.
MAX_TRY = 12
_STOP = re.compile(r".*(?:그만|됐어|안\s*할래|싫어|관둘래).*")
# Subjects that people ask for and that no question is about.
_OTHER_SUBJECT = re.compile(
    r"(?P<subject>한국사|세계사|역사|국사|영어|국어|한자|과학|물리|화학|생물|지구과학|사회|지리|음악|미술|체육"
    r"|스포츠|축구|야구|연예인?|아이돌|영화|드라마"
    r"|노래|속담|사자성어|수도|나라|국기|자바스크립트|자바|경제|법|의학|요리)\s*(?:관련\s*|쪽\s*|상식\s*)?(?:퀴즈"
    r"|문제)"
)
_MORE = re.compile(r"더|또|다음|한\s*번|계속|이어서")
_ASIDE = re.compile(r"[\s'\"?!.~,ㅋㅎ]|인가요?|이에요|예요|입니다|이야|야|아니야|이지|맞지|정답은?|답은?|요$")


@dataclass(frozen=True, slots=True)
class Quiz:
    """One question; `answers` are the accepted spellings, the first is shown. `topic` is a knowledge id, `subject` the
    names of what it is about.
    """

    question: str
    answers: tuple[str, ...]
    topic: str = ""
    subject: tuple[str, ...] = ()


def read_quizzes(path: Path) -> list[Quiz]:
    """The questions of one file. Raises `CorpusError` when an entry lacks its question or its answers."""
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
        return [
            Quiz(
                str(entry["question"]),
                tuple(map(str, entry["answers"])),
                str(entry.get("topic", "")),
                tuple(map(str, entry.get("subject", ()))),
            )
            for entry in entries
        ]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise CorpusError(f"{path}: expected a list of question, answers, topic and subject: {error}") from error


class QuizSpeaker:
    """Asks when the intent is a quiz, then judges the next line."""

    def __init__(self, quizzes: Sequence[Quiz], phrases: Phrases) -> None:
        self._quizzes = quizzes
        self._phrases = phrases

    def __call__(self, reading: Reading) -> Proposal | None:
        state, scores = reading.state, reading.scores
        if state.quiz and state.count - state.quiz_at <= OPEN_FOR:
            quiz = self._quizzes[(state.quiz - 1) % len(self._quizzes)]
            judged = self._judge(reading, quiz) if state.count == state.quiz_at else self._back_to(reading, quiz)
            if judged is not None:
                return judged
        return self._ask(reading) if scores.accepted and scores.best.intent == "quiz_request" else None

    def _ask(self, reading: Reading) -> Proposal:
        """A question on the subject that is named, not asked in the last turns."""
        said = [turn.response.reply for turn in reading.state.turns]
        about = self._about(reading)
        fresh = [n for n in about if not any(reply.endswith(self._quizzes[n].question) for reply in said)]
        number = reading.rng.choice(fresh or about)
        state = replace(reading.state, quiz=number + 1, quiz_at=reading.state.count + 1)
        reply = f"{self._apology(reading)} {self._quizzes[number].question}".strip()
        return Proposal(reply, Source.SKILL, "퀴즈를 내 달라고 함", state, "quiz_request")

    def _apology(self, reading: Reading) -> str:
        """What is said first when there is no question on the subject that was asked for."""
        other = _OTHER_SUBJECT.search(reading.text)
        if other is None or self._named(reading.text):
            return ""
        return fill(reading.rng.choice(self._phrases.wordings["quiz_no_subject"]), {"과목": other["subject"]})

    def _about(self, reading: Reading) -> list[int]:
        """The quizzes of the subject in "파이썬 퀴즈 내줘"; "하나 더" keeps to the last one's; else all."""
        named = self._named(reading.text)
        last = self._last(reading.state)
        if not named and last is not None and _MORE.search(reading.text):
            named = set(last.subject)
        numbers = [number for number, quiz in enumerate(self._quizzes) if named & set(quiz.subject)]
        return numbers or list(range(len(self._quizzes)))

    def _named(self, text: str) -> set[str]:
        """The subjects that a text names, each by one of its names."""
        plain = _plain(text)
        return {name for quiz in self._quizzes for name in quiz.subject if _names(name, plain)}

    def _last(self, state: State) -> Quiz | None:
        """The quiz that was asked last in the turns still remembered."""
        replies = [turn.response.reply for turn in reversed(state.turns)]
        return next((quiz for reply in replies for quiz in self._quizzes if reply.endswith(quiz.question)), None)

    def _back_to(self, reading: Reading, quiz: Quiz) -> Proposal | None:
        """A question that was left for a while: its answer is asked for, or a hint."""
        if _HINT.fullmatch(reading.text):
            return self._hint(reading, quiz)
        if _TELL.fullmatch(reading.text.replace(" ", "")):
            return self._say("quiz_answer", reading, _closed(reading.state, quiz), quiz)
        return None

    def _once_more(self, reading: Reading, quiz: Quiz) -> Proposal:
        """The question itself; it stays open."""
        state = replace(reading.state, quiz_at=reading.state.count + 1)
        opening = reading.rng.choice(self._phrases.wordings["quiz_again"])
        return Proposal(f"{opening} {quiz.question}", Source.SKILL, "퀴즈: 문제를 다시", state, "quiz_answer")

    def _hint(self, reading: Reading, quiz: Quiz) -> Proposal:
        """One that was not given yet; the question stays open."""
        given = 0
        for turn in reversed(reading.state.turns):
            if turn.response.reply.endswith(quiz.question):
                break
            given += turn.response.said == HINT
        left = hints_to(quiz.answers[0], quiz.question)[given:]
        state = replace(reading.state, quiz_at=reading.state.count + 1)
        if not left:
            return self._say("quiz_no_more_hints", reading, state, quiz)
        return replace(self._say("quiz_hint", reading, state, quiz, 힌트=left[0]), said=HINT)

    def _judge(self, reading: Reading, quiz: Quiz) -> Proposal | None:
        text, closed = reading.text, _closed(reading.state, quiz)
        if any(_answers(text, answer) for answer in quiz.answers):
            return self._say("quiz_right", reading, closed, quiz)
        if _STOP.fullmatch(text):
            return self._say("quiz_stopped", reading, replace(closed, topic=reading.state.topic), quiz)
        if _AGAIN.fullmatch(re.sub(r"[\s?!.~,ㅋㅎㅠ]", "", text)):
            return self._once_more(reading, quiz)
        if _HINT.fullmatch(text):
            return self._hint(reading, quiz)
        if _GIVE_UP.fullmatch(text):
            return self._say("quiz_answer", reading, closed, quiz)
        # A word or two is a try; a sentence is another matter, and the quiz ends without a word.
        tries = bool(_ANSWERS.fullmatch(text)) and not _GIVE_UP.fullmatch(text)
        if tries or (len(text) <= MAX_TRY and len(text.split()) <= 2 and not reading.scores.accepted):
            again = replace(reading.state, quiz_at=reading.state.count + 1)
            return self._say("quiz_wrong", reading, again, quiz)
        return None

    def _say(self, occasion: str, reading: Reading, state: State, quiz: Quiz, **slots: str) -> Proposal:
        wordings = self._phrases.wordings[occasion]
        if not quiz.topic:  # nothing more is written on it
            wordings = [wording for wording in wordings if _MORE_ASKED not in wording] or wordings
        template = reading.rng.choice(wordings)
        reply = fill(template, {"정답": quiz.answers[0], **slots})
        return Proposal(reply, Source.SKILL, f"퀴즈: {occasion}", state, "quiz_answer")


def _answers(text: str, answer: str) -> bool:
    """Whether the text gives the answer; one letter (간, 3) must stand alone, or 시간 would answer GAN."""
    given, wanted = (_ASIDE.sub("", one).lower() for one in (text, answer))
    return bool(wanted) and (given.removesuffix("이") == wanted if len(wanted) == 1 else wanted in given)


def _names(subject: str, text: str) -> bool:
    """Whether a text, spaces left out, names a subject; ML stands by itself and not in HTML."""
    return re.search(rf"(?<![a-z]){re.escape(_plain(subject))}(?![a-z])", text) is not None


def _plain(text: str) -> str:
    return re.sub(r"\s", "", text).lower()


def _closed(state: State, quiz: Quiz) -> State:
    """After the answer its topic can be asked on: "더 알려줘"."""
    return replace(state, quiz=0, topic=quiz.topic or state.topic, told=(), topic_at=state.count + 1)
