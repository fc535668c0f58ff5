"""KoBERT's loading path on a tiny KoBERT-shaped folder: SentencePiece read directly, fine-tuned, saved, loaded."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import torch

from chatbot.errors import ModelError
from chatbot.intent.kobert import (
    FineTuning,
    SentencePieceTokenizer,
    at_hand,
    fine_tune,
    load_pretrained,
    parameter_groups,
)
from chatbot.intent.kobert import TransformerNetwork as Network
from chatbot.intent.model import IntentModel
from chatbot.types import Utterance

transformers = pytest.importorskip("transformers")

LAYERS, HIDDEN = 3, 14


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, examples: list[tuple[str, str]]) -> Path:
    """Config, random weights and a SentencePiece model, as in skt/kobert-base-v1."""
    import sentencepiece

    path = tmp_path_factory.mktemp("kobert")
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([text for text, _ in examples]),
        model_writer=model,
        vocab_size=90,
        hard_vocab_limit=False,
        unk_id=0,
        bos_id=-1,
        eos_id=-1,
        pad_id=1,
        pad_piece="[PAD]",
        user_defined_symbols=["[CLS]", "[SEP]", "[MASK]"],
        minloglevel=2,
    )
    (path / "spiece.model").write_bytes(model.getvalue())
    torch.manual_seed(3)
    config = transformers.BertConfig(
        vocab_size=97,
        hidden_size=HIDDEN,
        num_hidden_layers=LAYERS,
        num_attention_heads=2,
        intermediate_size=19,
        max_position_embeddings=101,
        pad_token_id=1,
    )
    transformers.BertModel(config).save_pretrained(path)
    return path


def test_pieces_stand_between_cls_and_sep(folder: Path) -> None:
    tokenizer = SentencePieceTokenizer((folder / "spiece.model").read_bytes())
    rows = tokenizer.encode(["날씨 알려 줘", ""])
    assert tokenizer.pad == 1
    assert all(row[0] == 2 and row[-1] == 3 for row in rows)
    assert len(rows[0]) > 3 and rows[1] == [2, 3]


def test_trains_saves_and_loads_without_the_hub(
    folder: Path, examples: list[tuple[str, str]], validation: list[tuple[str, str]], tmp_path: Path
) -> None:
    model, report = IntentModel.train(
        examples,
        validation=validation,
        classifier="kobert",
        kobert_model=str(folder),
        kobert_epochs=2,
        kobert_batch_size=11,
        kobert_accumulate=2,
        kobert_learning_rate=1e-3,
    )
    assert report.note == "" and len(report.curves) == 2
    model.save(tmp_path / "intent")
    utterances = [Utterance("야식", "야식"), Utterance("비 소식 좀", "비 소식 좀")]
    assert IntentModel.load(tmp_path / "intent").classify(utterances) == model.classify(utterances)


def test_two_processes_fine_tune_one_encoder(
    folder: Path, examples: list[tuple[str, str]], validation: list[tuple[str, str]]
) -> None:
    labels = sorted({label for _, label in examples})
    rows, held = ([(text, labels.index(label)) for text, label in part] for part in (examples, validation))
    plan = FineTuning(epochs=6, batch_size=11, learning_rate=1e-2, patience=6)
    _, curves = fine_tune(str(folder), rows, held, 3, plan, device=torch.device("cpu"), seed=5, processes=2)
    assert curves[-1].loss < 0.7 * curves[0].loss


def test_a_padded_batch_equals_one_at_a_time(folder: Path) -> None:
    from chatbot.intent.kobert import TransformerScorer

    encoder, hidden, tokenizer = load_pretrained(str(folder))
    scorer = TransformerScorer(Network(encoder, hidden, 5), tokenizer)
    texts = ["날씨", "점심 메뉴 말해 줘 지금", ""]
    together = torch.from_numpy(scorer.score(texts).logits)
    alone = torch.cat([torch.from_numpy(scorer.score([text]).logits) for text in texts])
    assert torch.allclose(together, alone, atol=1e-5)


def test_layers_freeze_and_learn_at_their_own_rates(folder: Path) -> None:
    encoder, hidden, _ = load_pretrained(str(folder))
    groups = parameter_groups(Network(encoder, hidden, 5), FineTuning(freeze_layers=1, layer_decay=0.5))
    assert [group["lr"] for group in groups[:-1]] == pytest.approx([2.5e-5, 5e-5])
    assert not any(p.requires_grad for p in encoder.embeddings.parameters())
    frozen = parameter_groups(Network(encoder, hidden, 5), FineTuning(frozen=True))
    assert len(frozen) == 1


def test_at_hand_asks_no_network(folder: Path, tmp_path: Path) -> None:
    at_hand(str(folder))
    with pytest.raises(ModelError, match=r"not on this machine.*hf download"):
        at_hand(str(tmp_path / "nowhere"))


def test_out_of_reach_says_what_to_do(examples: list[tuple[str, str]], tmp_path: Path) -> None:
    missing = str(tmp_path / "nowhere")
    with pytest.raises(ModelError, match=r"hf download.*intent\.classifier: lstm"):
        IntentModel.train(examples, classifier="kobert", kobert_model=missing)
    model, report = IntentModel.train(
        examples, classifier="kobert", kobert_model=missing, fallback=True, epochs=1, embedding_size=7, hidden_size=5
    )
    assert model.classifier == "lstm"
    assert "LSTM was taught instead" in model.note and report.note == model.note
