"""KoBERT and other Hugging Face encoders as classifiers. In: a hub id or a folder, labelled texts. Out: a scorer.

KoBERT's tokenizer is a bare SentencePiece model, read with sentencepiece itself: ids are [CLS] pieces [SEP]. Any other
encoder brings its own tokenizer. Knows nothing of thresholds or label names. Shapes: B batch, S pieces, C labels.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from chatbot.errors import CheckpointError, MissingExtraError, ModelError, TrainingError
from chatbot.intent.network import Curve, Progress, Scored
from chatbot.neural import checkpoint
from chatbot.neural.batching import length_buckets, mask_of, pad
from chatbot.neural.device import autocast, compiled, moved, seed_everything
from chatbot.neural.parallel import Team, in_parallel, processes_for

SPIECE = "spiece.model"
MAX_PIECES = 96
_WITHOUT_HUB = (
    "on a machine with network run `hf download {0}`, copy the folder here and name it under intent.kobert.model, or "
    "set intent.classifier: lstm"
)


class Tokenizer(Protocol):
    """Texts to piece ids, special ids included."""

    pad: int

    def encode(self, texts: Sequence[str]) -> list[list[int]]: ...

    def files(self) -> dict[str, bytes | str]:
        """What a checkpoint keeps of it."""
        ...


class SentencePieceTokenizer:
    """`[CLS] pieces [SEP]` over a SentencePiece model; ids as in KoBERT unless the model names its own."""

    def __init__(self, model: bytes) -> None:
        from sentencepiece import SentencePieceProcessor

        self._model = model
        self._pieces = SentencePieceProcessor(model_proto=model)
        # skt/kobert-base-v1: unk 0, pad 1, cls 2, sep 3, mask 4 (docs: design facts).
        self.pad, self._first, self._last = (
            self._named(name, number) for name, number in (("[PAD]", 1), ("[CLS]", 2), ("[SEP]", 3))
        )

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """See `Tokenizer`."""
        rows: list[list[int]] = self._pieces.encode(list(texts))
        return [[self._first, *row[: MAX_PIECES - 2], self._last] for row in rows]

    def files(self) -> dict[str, bytes | str]:
        """See `Tokenizer`."""
        return {SPIECE: self._model}

    def _named(self, name: str, otherwise: int) -> int:
        found = self._pieces.piece_to_id(name)
        return found if found != self._pieces.unk_id() else otherwise


class HubTokenizer:
    """The tokenizer that an encoder brings along (klue/bert-base, koelectra, …)."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self.pad = int(tokenizer.pad_token_id or 0)

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """See `Tokenizer`."""
        rows: list[list[int]] = self._tokenizer(list(texts), truncation=True, max_length=MAX_PIECES)["input_ids"]
        return rows

    def files(self) -> dict[str, bytes | str]:
        """See `Tokenizer`."""
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            self._tokenizer.save_pretrained(folder)
            return {path.name: path.read_bytes() for path in Path(folder).iterdir() if path.name != "config.json"}


class TransformerNetwork(nn.Module):
    """A transformer encoder, the state over [CLS], dropout, one linear layer."""

    def __init__(self, encoder: nn.Module, hidden_size: int, n_labels: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden_size, n_labels)

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """(logits [B, C], vectors [B, D]) of piece ids [B, S] and a bool mask [B, S]."""
        states = self.encoder(input_ids=ids, attention_mask=mask.long()).last_hidden_state  # [B, S, D]
        vectors = states[:, 0]
        return self.head(self.dropout(vectors)), vectors


@dataclass(frozen=True, slots=True)
class FineTuning:
    """How to fine-tune; `layer_decay` multiplies the learning rate once a layer, from the top down."""

    epochs: int = 5
    batch_size: int = 32
    accumulate: int = 1
    learning_rate: float = 5e-5
    layer_decay: float = 0.95
    frozen: bool = False
    freeze_layers: int = 0
    patience: int = 2
    clip: float = 1.0


class TransformerScorer:
    """A fine-tuned transformer behind the `Scorer` seam."""

    def __init__(self, network: TransformerNetwork, tokenizer: Tokenizer, device: torch.device | None = None) -> None:
        self.network = network.eval()
        self.tokenizer = tokenizer
        self.device = device or torch.device("cpu")
        self.network.to(self.device)

    @torch.inference_mode()
    def score(self, texts: Sequence[str]) -> Scored:
        """Logits and unit vectors; attention over words is left out, heads disagree too much to be an explanation."""
        self.network.eval()
        rows = self.tokenizer.encode(texts)
        logits = np.zeros((len(rows), self.network.head.out_features), dtype=np.float32)
        vectors = np.zeros((len(rows), self.network.head.in_features), dtype=np.float32)
        for batch in length_buckets([len(row) for row in rows], 64):
            ids, mask = self._collate([rows[place] for place in batch])
            scores, hidden = self.network(ids, mask)
            logits[batch] = scores.float().cpu().numpy()
            vectors[batch] = functional.normalize(hidden.float(), dim=-1).cpu().numpy()
        return Scored(logits, vectors)

    def parts(self) -> tuple[dict[str, Any], dict[str, Tensor], dict[str, bytes | str]]:
        """Config, tensors and files for a checkpoint; the transformer's own config travels inside ours."""
        encoder: Any = self.network.encoder
        config = {
            "kind": "kobert",
            "labels": self.network.head.out_features,
            "encoder": json.loads(encoder.config.to_json_string(use_diff=False)),
            "tokenizer": type(self.tokenizer).__name__,
        }
        return config, dict(self.network.state_dict()), self.tokenizer.files()

    @classmethod
    def load(
        cls, folder: Path, config: Mapping[str, Any], tensors: dict[str, Tensor], files: Mapping[str, bytes]
    ) -> TransformerScorer:
        """The scorer that `parts` described; needs no hub.

        Raises
        ------
        CheckpointError
            when names or shapes do not agree.
        """
        transformers = _transformers()
        encoder_config = transformers.AutoConfig.for_model(**config["encoder"])
        encoder = transformers.AutoModel.from_config(encoder_config)
        network = TransformerNetwork(encoder, encoder_config.hidden_size, config["labels"])
        try:
            network.load_state_dict(tensors)
        except RuntimeError as error:
            raise CheckpointError(f"{folder / checkpoint.WEIGHTS}: {error}; {checkpoint.REMEDY}") from error
        if config["tokenizer"] == SentencePieceTokenizer.__name__:
            return cls(network, SentencePieceTokenizer(files[SPIECE]))
        return cls(network, HubTokenizer(transformers.AutoTokenizer.from_pretrained(folder)))

    def _collate(self, rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        ids = moved(pad(rows, value=self.tokenizer.pad), self.device)
        lengths = moved(torch.tensor([len(row) for row in rows]), self.device)
        return ids, mask_of(lengths, ids.shape[1])


def load_pretrained(model: str) -> tuple[nn.Module, int, Tokenizer]:
    """(encoder, hidden size, tokenizer) of a hub id or a folder.

    Raises
    ------
    ModelError
        when it cannot be reached or is no encoder; says what to do without the hub.
    """
    transformers = _transformers()
    try:
        encoder = transformers.AutoModel.from_pretrained(model)
        spiece = _spiece(model)
        tokenizer: Tokenizer = (
            SentencePieceTokenizer(spiece)
            if spiece is not None
            else HubTokenizer(transformers.AutoTokenizer.from_pretrained(model))
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        first = (str(error).splitlines() or [""])[0]
        raise ModelError(
            f"intent.kobert.model: {model!r} cannot be loaded ({first}); {_WITHOUT_HUB.format(model)}"
        ) from error
    return encoder, int(encoder.config.hidden_size), tokenizer


def at_hand(model: str) -> None:
    """Whether an encoder lies in a folder or in the hub's cache; asks no network, loads no weights.

    Raises
    ------
    MissingExtraError, ModelError
        when transformers is not installed, or the encoder would have to come from the hub.
    """
    try:
        _transformers().AutoConfig.from_pretrained(model, local_files_only=True)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"intent.kobert.model: {model!r} is not on this machine; {_WITHOUT_HUB.format(model)}"
        ) from error


def _spiece(model: str) -> bytes | None:
    """The SentencePiece model of a BERT that brings no other tokenizer (KoBERT does)."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError

    if Path(model).is_dir():
        path = Path(model) / SPIECE
        return path.read_bytes() if path.is_file() else None
    try:
        return Path(hf_hub_download(model, SPIECE)).read_bytes()
    except EntryNotFoundError:
        return None


def fine_tune(
    model: str,
    examples: Sequence[tuple[str, int]],
    validation: Sequence[tuple[str, int]],
    n_labels: int,
    plan: FineTuning,
    *,
    device: torch.device,
    seed: int,
    progress: Progress | None = None,
    processes: int | None = None,
) -> tuple[TransformerScorer, tuple[Curve, ...]]:
    """Fine-tune (or, frozen, read off) a pretrained encoder; the best validation accuracy is kept.

    Parameters
    ----------
    processes
        how many share the work; None: one for each GPU. Batches keep their size, each process takes its part of them.

    Raises
    ------
    ModelError
        when the encoder cannot be loaded.
    TrainingError
        when the loss stops being a number.
    """
    return in_parallel(
        _fine_tune,
        (model, examples, validation, n_labels, plan, device, seed),
        {"progress": progress},
        processes_for(device) if processes is None else processes,
        cpu=device.type == "cpu",
    )


def _fine_tune(
    model: str,
    examples: Sequence[tuple[str, int]],
    validation: Sequence[tuple[str, int]],
    n_labels: int,
    plan: FineTuning,
    device: torch.device,
    seed: int,
    *,
    team: Team,
    progress: Progress | None = None,
) -> tuple[TransformerScorer, tuple[Curve, ...]]:
    """`fine_tune` in one process of a team; every process ends with the same weights."""
    shuffle = seed_everything(seed)
    encoder, hidden, tokenizer = load_pretrained(model)
    pooler = getattr(encoder, "pooler", None)
    if pooler is not None:  # nothing here asks for its output
        pooler.requires_grad_(False)
    device = team.device(device)
    scorer = TransformerScorer(TransformerNetwork(encoder, hidden, n_labels), tokenizer, device)
    network = scorer.network
    optimizer = torch.optim.AdamW(parameter_groups(network, plan), weight_decay=0.01)
    rows = tokenizer.encode([text for text, _ in examples])
    labels = torch.tensor([label for _, label in examples])
    steps = max(1, plan.epochs * math.ceil(len(rows) / (plan.batch_size * plan.accumulate)))
    taught = compiled(team.prepare(network), device, steps * plan.accumulate)
    torch.manual_seed(seed + team.rank)  # dropout differs between processes, the order of the rows does not
    rate = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / max(1, steps // 10), max(0.0, 1 - step / steps))
    )
    curves: list[Curve] = []
    best, best_accuracy, best_epoch = _copy(network), -1.0, 0
    for epoch in range(1, plan.epochs + 1):
        network.train()
        total, waiting = torch.zeros((), device=device), 0
        batches = list(length_buckets([len(row) for row in rows], plan.batch_size, generator=shuffle))
        for number, batch in enumerate(batches, start=1):
            own = team.share(batch)
            ids, mask = scorer._collate([rows[place] for place in own])
            with autocast(device):
                logits, _ = taught(ids, mask)
            loss = functional.cross_entropy(logits.float(), moved(labels[torch.from_numpy(own)], device))
            (loss / plan.accumulate).backward()  # type: ignore[no-untyped-call]
            total, waiting = total + loss.detach() * len(batch), waiting + 1
            if waiting == plan.accumulate or number == len(batches):
                nn.utils.clip_grad_norm_(network.parameters(), plan.clip)
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
                rate.step()
                waiting = 0
        mean = float(team.mean(total)) / len(rows)
        if not math.isfinite(mean):
            raise TrainingError(f"intent: the loss became {mean} in epoch {epoch}; lower intent.kobert.learning_rate")
        curve = team.first(partial(_validate, scorer, validation, epoch, mean))
        curves.append(curve)
        if progress is not None:
            progress(epoch, plan.epochs, f"loss {curve.loss:.3f} accuracy {curve.validation_accuracy:.3f}")
        if curve.validation_accuracy > best_accuracy:
            best, best_accuracy, best_epoch = _copy(network), curve.validation_accuracy, epoch
        elif epoch - best_epoch >= plan.patience:
            break
    network.load_state_dict(best)
    return scorer, tuple(curves)


def parameter_groups(network: TransformerNetwork, plan: FineTuning) -> list[dict[str, Any]]:
    """One group a layer, its learning rate decaying from the head down; frozen layers take no part."""
    layers = _layers(network.encoder)
    depth_of = {id(parameter): n + 1 for n, layer in enumerate(layers) for parameter in layer.parameters()}
    groups: dict[int, list[nn.Parameter]] = {}
    for parameter in network.encoder.parameters():
        depth = depth_of.get(id(parameter), 0)
        if plan.frozen or (plan.freeze_layers and depth <= plan.freeze_layers):
            parameter.requires_grad_(False)
        else:
            groups.setdefault(depth, []).append(parameter)
    top = len(layers)
    decayed = [
        {"params": own, "lr": plan.learning_rate * plan.layer_decay ** (top - depth)}
        for depth, own in sorted(groups.items())
    ]
    # The head starts from nothing, so it may move faster; a frozen encoder leaves it everything to learn.
    head_rate = plan.learning_rate * (20 if plan.frozen else 2)
    return [*decayed, {"params": list(network.head.parameters()), "lr": head_rate}]


def _layers(encoder: nn.Module) -> Sequence[nn.Module]:
    """The repeated blocks of a BERT-like encoder, bottom first."""
    inner = getattr(encoder, "encoder", None)
    return list(getattr(inner, "layer", []))


def _validate(scorer: TransformerScorer, validation: Sequence[tuple[str, int]], epoch: int, loss: float) -> Curve:
    if not validation:
        return Curve(epoch, loss, 0.0, 0.0)
    logits = torch.from_numpy(scorer.score([text for text, _ in validation]).logits)
    truth = torch.tensor([label for _, label in validation])
    held = float(functional.cross_entropy(logits, truth))
    return Curve(epoch, loss, held, float((logits.argmax(dim=1) == truth).float().mean()))


def _copy(network: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}


def _transformers() -> Any:
    try:
        import transformers
    except ImportError as error:
        raise MissingExtraError("transformers", "kobert") from error
    return transformers
