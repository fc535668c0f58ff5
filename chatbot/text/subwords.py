"""Turn text into subword ids and back with a SentencePiece unigram model. In: normalised text; out: ids.

Knows nothing of tensors. Ids 0 to 3 are pad, unk, bos and eos; user symbols (style tokens) follow them. Characters
never seen in training fall back to UTF-8 bytes, so decoding gives any normalised text back.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from chatbot.errors import CheckpointError, TrainingError

PAD, UNK, BOS, EOS = 0, 1, 2, 3

_MODEL = "subwords.model"
_META = "subwords.json"
_FORMAT = 1
# The pieces that no training text can take away: four marks, 256 bytes, and room for the required characters.
_FEWEST_PIECES = 4 + 256


class Subwords:
    """A trained subword vocabulary. Make one with `train` or `load`."""

    def __init__(self, model: bytes, symbols: Sequence[str] = ()) -> None:
        import sentencepiece

        self._model = model
        self.symbols = tuple(symbols)
        self._processor: Any = sentencepiece.SentencePieceProcessor(model_proto=model)

    @classmethod
    def train(
        cls, lines: Iterable[str], vocab_size: int = 8000, seed: int = 13, symbols: Sequence[str] = ()
    ) -> Subwords:
        """Learn at most `vocab_size` pieces from normalised `lines`; `symbols` become one piece each.

        The same lines, size and seed give the same pieces. Raises TrainingError without any text, or when
        `vocab_size` cannot hold marks, bytes and symbols.
        """
        texts = [line for line in lines if line.strip()]
        if not texts:
            raise TrainingError("subwords: no text to learn from; check that corpus/ holds sentences")
        fewest = _FEWEST_PIECES + len(symbols)
        if vocab_size <= fewest:
            raise TrainingError(f"subwords: vocab_size is {vocab_size}; it must be above {fewest}")
        return cls(_fit(texts, vocab_size, seed, symbols), symbols)

    def encode(self, text: str, *, bos: bool = False, eos: bool = False) -> list[int]:
        """Ids of `text`, without marks unless asked for."""
        ids: list[int] = self._processor.encode(text)
        return [BOS] * bos + ids + [EOS] * eos

    def decode(self, ids: Iterable[int]) -> str:
        """The text of `ids` up to the first eos; pad and bos leave no trace."""
        kept: list[int] = []
        for piece in ids:
            if piece == EOS:
                break
            if piece not in (PAD, BOS):
                kept.append(int(piece))
        text: str = self._processor.decode(kept)
        return text

    def pieces(self, text: str) -> list[str]:
        """The pieces of `text` as written in the vocabulary (▁ is a space)."""
        pieces: list[str] = self._processor.encode(text, out_type=str)
        return pieces

    def piece(self, number: int) -> str:
        """The piece of an id, as written in the vocabulary."""
        return str(self._processor.id_to_piece(number))

    def symbol_id(self, symbol: str) -> int:
        """The id of a user symbol; KeyError when it is none."""
        if symbol not in self.symbols:
            raise KeyError(
                f"{symbol!r} is no symbol of this vocabulary (symbols: {', '.join(self.symbols) or 'none'})"
            )
        return int(self._processor.piece_to_id(symbol))

    def __len__(self) -> int:
        return int(self._processor.get_piece_size())

    @property
    def model(self) -> bytes:
        """The trained vocabulary in SentencePiece's own form, for checkpoints that keep it beside their weights."""
        return self._model

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits over the model, for checkpoints to agree on."""
        return hashlib.sha256(self._model).hexdigest()[:16]

    def save(self, folder: Path) -> None:
        """Write the vocabulary into `folder` (made if absent); each file appears whole or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        meta = {
            "format": _FORMAT,
            "size": len(self),
            "symbols": list(self.symbols),
            "sha256": hashlib.sha256(self._model).hexdigest(),
        }
        _write(folder / _MODEL, self._model)
        _write(folder / _META, json.dumps(meta, ensure_ascii=False, indent=1).encode())

    @classmethod
    def load(cls, folder: Path) -> Subwords:
        """Read what `save` wrote. Raises CheckpointError naming the file when it is missing or was changed."""
        meta_path, model_path = folder / _META, folder / _MODEL
        meta, model = _read_meta(meta_path), _read(model_path)
        if hashlib.sha256(model).hexdigest() != meta.get("sha256"):
            raise CheckpointError(f"{model_path}: does not agree with {_META}; run: chatbot train all")
        return cls(model, meta.get("symbols", ()))


def _fit(texts: list[str], vocab_size: int, seed: int, symbols: Sequence[str]) -> bytes:
    import sentencepiece

    sentencepiece.set_random_generator_seed(seed)
    written = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts),
            model_writer=written,
            vocab_size=vocab_size,
            model_type="unigram",
            hard_vocab_limit=False,  # a small corpus may not hold so many pieces
            byte_fallback=True,
            character_coverage=0.9995,
            normalization_rule_name="identity",  # text.normalize has done it
            pad_id=PAD,
            unk_id=UNK,
            bos_id=BOS,
            eos_id=EOS,
            user_defined_symbols=list(symbols),
            num_threads=1,
            shuffle_input_sentence=False,
            minloglevel=2,
        )
    except RuntimeError as error:
        needed = re.search(r"vocab_size.*", str(error))
        why = needed.group(0) if needed else str(error).strip()
        raise TrainingError(f"subwords: {why}; raise text.subword_vocab_size (now {vocab_size})") from error
    return written.getvalue()


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror}); run: chatbot train all") from error


def _read_meta(path: Path) -> dict[str, Any]:
    try:
        meta = json.loads(_read(path))
    except ValueError as error:
        raise CheckpointError(f"{path}: not JSON ({error}); run: chatbot train all") from error
    if not isinstance(meta, dict) or meta.get("format") != _FORMAT:
        raise CheckpointError(f"{path}: not a subword vocabulary of format {_FORMAT}; run: chatbot train all")
    return meta
