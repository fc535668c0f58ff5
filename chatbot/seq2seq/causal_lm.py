"""A Hugging Face causal language model behind the same seam. In: an utterance, the turns before it, found passages.
Out: candidates with the same limits and checks as the seq2seq responder. Knows no training and no dialogue.

KoGPT2 and other plain models read a short script (Q: … A: …); an instruction model reads its own chat template.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatbot.errors import MissingExtraError, ModelError
from chatbot.neural.device import pick_device
from chatbot.seq2seq.calibrate import Calibration
from chatbot.seq2seq.rerank import Circumstances, Hypothesis, Weights, rerank, shortlist
from chatbot.types import Candidate, Source, Turn, Utterance

Passages = Callable[[str], Sequence[str]]

SYSTEM = (
    "당신의 이름은 {name}입니다. 한국어로 공부하는 사람들의 다정한 공부 친구인 프로그램입니다. "
    "해요체로 한두 문장만 답하세요. 모르는 것은 모른다고 답하세요."
)
# A mean log probability a token says little alone: chances are even at -2 nats and fall from there on.
# Replaced by `calibration` where one was fitted on held-out pairs.
PLAIN = Calibration({"likelihood": 1.0}, 2.0, 0.5)


@dataclass(frozen=True, slots=True)
class CausalLM:
    """A loaded model with its tokenizer. Make one with `load_causal_lm`."""

    name: str
    model: Any
    tokenizer: Any
    device: Any

    @property
    def chats(self) -> bool:
        """Whether the model brings a chat template of its own."""
        return bool(getattr(self.tokenizer, "chat_template", None))

    @property
    def context_size(self) -> int:
        """Tokens the model can read at once."""
        config = self.model.config
        return int(getattr(config, "max_position_embeddings", None) or getattr(config, "n_positions", None) or 1024)


def load_causal_lm(name: str, device: str = "auto") -> CausalLM:
    """Load a model by hub id or folder.

    Raises
    ------
    MissingExtraError
        when transformers is not installed.
    ModelError
        when the model cannot be found or read.
    """
    try:
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ImportError as error:
        raise MissingExtraError("transformers", "kobert") from error
    place = pick_device(device)
    source: str | Path = Path(name) if Path(name).is_dir() else name
    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
        model: Any = AutoModelForCausalLM.from_pretrained(source)
    except (OSError, ValueError) as error:
        first = str(error).strip().splitlines()[0]
        raise ModelError(
            f"responder.causal_lm.model: {name!r} cannot be loaded ({first}); give a hub id or a folder with "
            "config.json, weights and tokenizer"
        ) from error
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return CausalLM(name, model.to(place).eval(), tokenizer, place)


class CausalLMResponder:
    """Implements seams.Responder over a `CausalLM`.

    Parameters
    ----------
    passages
        gives the passages found for a question; they stand in the prompt.
    seconds
        wall time for one reply; generation stops there.
    insults
        says whether a text holds an insult: such a reply is never proposed.
    """

    def __init__(
        self,
        lm: CausalLM,
        threshold: float | None = None,
        *,
        bot_name: str = "도담",
        passages: Passages | None = None,
        max_new_tokens: int = 48,
        n: int = 4,
        temperature: float = 0.8,
        top_p: float = 0.9,
        block_ngram: int = 3,
        seconds: float = 4.0,
        history_turns: int = 4,
        insults: Callable[[str], bool] | None = None,
        calibration: Calibration = PLAIN,
        seed: int = 13,
    ) -> None:
        self.lm = lm
        self.threshold = calibration.threshold if threshold is None else threshold
        self._name, self._passages, self._insults = bot_name, passages, insults
        self._n, self._temperature, self._top_p = n, temperature, top_p
        self._max_new_tokens, self._block_ngram, self._seconds = max_new_tokens, block_ngram, seconds
        self._history_turns, self._calibration, self._seed = history_turns, calibration, seed
        self._lock = threading.Lock()

    def propose(self, utterance: Utterance, history: Sequence[Turn]) -> list[Candidate]:
        """Faultless replies at or above the threshold, best first."""
        if not any(c.isalpha() for c in utterance.text):
            return []
        ids = self.prompt(utterance.text, history)
        with self._lock:
            hypotheses = self._generate(ids)
        around = Circumstances(insults=self._insults, recent=[turn.response.reply for turn in history])
        weights, voices = Weights(information=0.0), [h.text for h in hypotheses]
        short = shortlist(utterance.text, hypotheses, voices, (), weights, around)
        ranked = rerank(short, [(h.log_probability, h.blank) for h in short], weights)
        scored = [(self._calibration.probability(h.evidence), h) for h in ranked if not h.faults]
        found = [Candidate(h.text, p, Source.SEQ2SEQ, evidence=dict(h.evidence)) for p, h in scored]
        return sorted((c for c in found if c.score >= self.threshold), key=lambda c: -c.score)

    def prompt(self, text: str, history: Sequence[Turn]) -> list[int]:
        """The ids that the model reads; the oldest turns go first where they do not fit beside the reply."""
        turns = [(t.utterance.text, t.response.reply) for t in history[-self._history_turns :]]
        found = list(self._passages(text))[:3] if self._passages is not None else []
        room = max(8, self.lm.context_size - self._max_new_tokens)
        while True:
            ids = self._encode(text, turns, found)
            if len(ids) <= room:
                return ids
            if turns:
                turns = turns[1:]
            elif found:
                found = found[:-1]
            else:
                return ids[-room:]

    def _encode(self, text: str, turns: Sequence[tuple[str, str]], found: Sequence[str]) -> list[int]:
        system = SYSTEM.format(name=self._name)
        known = "".join(f"\n참고: {passage}" for passage in found)
        tokenizer = self.lm.tokenizer
        if self.lm.chats:
            messages = [{"role": "system", "content": system + known}]
            for said, answered in turns:
                messages += [{"role": "user", "content": said}, {"role": "assistant", "content": answered}]
            messages.append({"role": "user", "content": text})
            written = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
            return list(tokenizer(written, add_special_tokens=False)["input_ids"])
        script = "".join(f"Q: {said}\nA: {answered}\n" for said, answered in turns)
        start = f"{known.strip()}\n" if known else ""
        return list(tokenizer(f"{start}{script}Q: {text}\nA:", add_special_tokens=False)["input_ids"])

    def _generate(self, ids: Sequence[int]) -> list[Hypothesis]:
        """Sampled replies with their log probabilities under the model."""
        import torch

        torch.manual_seed(self._seed)
        prompt = torch.tensor([ids], device=self.lm.device)
        with torch.inference_mode():
            out = self.lm.model.generate(
                prompt,
                attention_mask=torch.ones_like(prompt),
                do_sample=True,
                num_return_sequences=self._n,
                temperature=self._temperature,
                top_p=self._top_p,
                top_k=0,
                max_new_tokens=self._max_new_tokens,
                min_new_tokens=1,
                no_repeat_ngram_size=self._block_ngram,
                max_time=self._seconds,
                pad_token_id=self.lm.tokenizer.pad_token_id,
                output_logits=True,
                return_dict_in_generate=True,
            )
        written = out.sequences[:, len(ids) :]  # [N, T]
        scores = torch.stack(out.logits, dim=1).float().log_softmax(-1)  # [N, T, V]
        gains = scores.gather(-1, written.unsqueeze(-1)).squeeze(-1)  # [N, T]
        ends = {self.lm.tokenizer.eos_token_id, self.lm.tokenizer.pad_token_id}
        return [
            self._hypothesis(row, gain, ends)
            for row, gain in zip(written.tolist(), gains.tolist(), strict=True)
            if all(map(math.isfinite, gain))
        ]

    def _hypothesis(self, row: Sequence[int], gains: Sequence[float], ends: set[int]) -> Hypothesis:
        """One sampled row up to its end mark or line end, cut back to whole sentences where it ran out of room."""
        size = next((i for i, word in enumerate(row) if word in ends), len(row))
        text = self.lm.tokenizer.decode(row[:size], skip_special_tokens=True)
        line, broken, _ = text.strip().partition("\n")
        complete = size < len(row) or bool(broken)
        if not complete:
            cut = max(line.rfind(mark) for mark in ".!?")
            line, complete = (line[: cut + 1], True) if cut >= 0 else (line, False)
        total = sum(gains[: size + 1])
        return Hypothesis(line.strip(), tuple(row[:size]), total, complete)
