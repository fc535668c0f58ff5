"""The generator at its place in the dialogue: proposes replies with a calibrated score. In: an utterance and the turns
before it. Out: candidates. Knows no tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from chatbot.seq2seq.generator import SHORTLIST, Generator, SearchSettings
from chatbot.seq2seq.rerank import Hypothesis
from chatbot.types import Candidate, Source, SpeechLevel, Turn, Utterance

# Beyond this many letters a text is no question to chat about; the encoder reads only its last subwords anyway.
LONGEST_QUESTION = 400


class Seq2SeqResponder:
    """Implements seams.Responder.

    Parameters
    ----------
    threshold
        candidates below this calibrated probability are not proposed; None takes the one that calibration found, 0
        proposes all (a dialogue with a threshold of its own then chooses).
    settings
        how to search; its `seconds` are the hard time limit of a reply.
    insults
        says whether a text holds an insult: such a reply is never proposed.
    feeling_of
        hears a feeling in a text ("happy", "sad", …, or nothing).
    """

    def __init__(
        self,
        generator: Generator,
        threshold: float | None = None,
        *,
        settings: SearchSettings | None = None,
        insults: Callable[[str], bool] | None = None,
        feeling_of: Callable[[str], str] | None = None,
        level: SpeechLevel = SpeechLevel.HAEYO,
        limit: int = 3,
    ) -> None:
        self.generator = generator
        self.threshold = generator.threshold if threshold is None else threshold
        self.level = level
        self._settings = settings or SearchSettings(seconds=0.4)
        self._insults = insults
        self._feeling_of = feeling_of
        self._limit = limit

    def propose(self, utterance: Utterance, history: Sequence[Turn]) -> list[Candidate]:
        """Faultless replies at or above the threshold, best first; empty when there is nothing good to say."""
        return self.propose_all([utterance], [history])[0]

    def propose_all(
        self, utterances: Sequence[Utterance], histories: Sequence[Sequence[Turn]] | None = None
    ) -> list[list[Candidate]]:
        """`propose` for many at once, in one batch."""
        past = histories or [()] * len(utterances)
        asked = [i for i, u in enumerate(utterances) if any(c.isalpha() for c in u.text)]
        found: list[list[Candidate]] = [[] for _ in utterances]
        if not asked:
            return found
        texts = [utterances[i].text[-LONGEST_QUESTION:] for i in asked]
        replies = self.generator.reply(
            texts,
            [[(t.utterance.text, t.response.reply) for t in past[i]] for i in asked],
            settings=self._settings,
            level=self.level,
            feelings=None if self._feeling_of is None else [self._feeling_of(t) for t in texts],
            insults=self._insults,
            n_best=SHORTLIST,  # the surest need not be the first
        )
        for i, hypotheses in zip(asked, replies, strict=True):
            said = {turn.response.reply for turn in past[i]}
            fitting = [h for h in hypotheses if not h.faults and h.text not in said]
            found[i] = [self._candidate(h) for h in fitting if h.probability >= self.threshold][: self._limit]
            found[i].sort(key=lambda c: -c.score)
        return found

    def in_level(self, level: SpeechLevel) -> Seq2SeqResponder:
        """The same responder, speaking in another level."""
        return Seq2SeqResponder(
            self.generator,
            self.threshold,
            settings=replace(self._settings),
            insults=self._insults,
            feeling_of=self._feeling_of,
            level=level,
            limit=self._limit,
        )

    @staticmethod
    def _candidate(hypothesis: Hypothesis) -> Candidate:
        return Candidate(
            hypothesis.text, hypothesis.probability, Source.SEQ2SEQ, id="", evidence=dict(hypothesis.evidence)
        )
