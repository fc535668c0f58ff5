"""The causal language model behind the seam, on a tiny random model that the test makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatbot.errors import ModelError
from chatbot.seq2seq.causal_lm import CausalLM, CausalLMResponder, load_causal_lm
from chatbot.types import ChatPair, Response, Source, Turn, Utterance


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, pairs: tuple[ChatPair, ...]) -> Path:
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<pad>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([f"Q: {p.question}\nA: {p.answer}" for p in pairs], trainer)
    place = tmp_path_factory.mktemp("lm")
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>")
    fast.save_pretrained(place)
    torch.manual_seed(1)
    config = GPT2Config(
        vocab_size=len(fast), n_positions=128, n_embd=24, n_layer=1, n_head=2, bos_token_id=1, eos_token_id=1
    )
    GPT2LMHeadModel(config).save_pretrained(place)
    return place


@pytest.fixture(scope="module")
def lm(folder: Path) -> CausalLM:
    return load_causal_lm(str(folder), "cpu")


def turn(said: str, answered: str) -> Turn:
    return Turn(Utterance(said, said), Response(said, answered, Source.SEQ2SEQ, ""))


def test_proposals_are_bounded_checked_and_repeatable(lm: CausalLM) -> None:
    responder = CausalLMResponder(lm, 0.0, max_new_tokens=12)
    found = responder.propose(Utterance("배고파", "배고파"), [])
    assert found == responder.propose(Utterance("배고파", "배고파"), [])
    for candidate in found:
        assert candidate.source is Source.SEQ2SEQ
        assert 0 <= candidate.score <= 1
        assert len(lm.tokenizer(candidate.text)["input_ids"]) <= 24
    assert CausalLMResponder(lm, 1.0, max_new_tokens=12).propose(Utterance("배고파", "배고파"), []) == []
    assert responder.propose(Utterance("?!", "?!"), []) == []


def test_prompt_holds_passages_and_history_and_drops_the_oldest(lm: CausalLM) -> None:
    responder = CausalLMResponder(lm, 0.0, passages=lambda text: ["드롭아웃은 뉴런을 끕니다."], max_new_tokens=12)
    text = lm.tokenizer.decode(responder.prompt("배고파", [turn("안녕", "반가워요!")]))
    assert text.startswith("참고: 드롭아웃은 뉴런을 끕니다.\nQ: 안녕\nA: 반가워요!\nQ: 배고파")
    assert text.endswith("A:")
    long = [turn("안녕 " * 20, "반가워요! " * 20), turn("졸려", "잠깐 쉬었다 해요.")]
    ids = responder.prompt("배고파", long)
    assert len(ids) <= lm.context_size - 12
    assert "안녕" not in lm.tokenizer.decode(ids)
    assert len(responder.prompt("배고파 " * 400, [])) <= lm.context_size - 12


def test_a_chat_template_is_used_where_there_is_one(lm: CausalLM) -> None:
    template = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}[assistant]"
    lm.tokenizer.chat_template = template
    try:
        text = lm.tokenizer.decode(CausalLMResponder(lm, 0.0, max_new_tokens=4).prompt("배고파", []))
    finally:
        lm.tokenizer.chat_template = None
    assert "[user]배고파[assistant]" in text


def test_a_missing_model_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="hub id or a folder"):
        load_causal_lm(str(tmp_path), "cpu")


@pytest.mark.slow
def test_in_the_whole_bot_it_is_given_what_was_found_and_may_be_missing(
    folder: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chatbot import app, config

    monkeypatch.setenv("CHATBOT__PATHS__MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("CHATBOT__RESPONDER__KIND", "causal_lm")
    monkeypatch.setenv("CHATBOT__RESPONDER__CAUSAL_LM__MODEL", str(folder))
    bot = app.build_bot(config.load(root / "config.yaml"), remember=False)
    responder = bot.brain.engine._generator
    assert isinstance(responder, CausalLMResponder)
    assert any("뉴런" in passage for passage in responder._passages("드롭아웃이 뭐야"))

    monkeypatch.setenv("CHATBOT__RESPONDER__CAUSAL_LM__MODEL", str(tmp_path / "nothing"))
    without = app.build_bot(config.load(root / "config.yaml"), remember=False)
    assert without.reply("안녕").reply
    assert any("seq2seq" in note for note in without.brain.notes)
