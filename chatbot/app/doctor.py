"""`chatbot doctor`: whether this installation can talk, and what it would use."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from chatbot.app.build import load_brain
from chatbot.app.opening import open_store
from chatbot.app.parts import PRETRAINED, SHIPPED, analyzer
from chatbot.config import Loaded
from chatbot.corpus import read_corpus
from chatbot.errors import ChatbotError
from chatbot.store import MemoryStore
from chatbot.training.versions import Versions


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `chatbot doctor`."""

    name: str
    ok: bool
    detail: str


def doctor(loaded: Loaded) -> Iterator[Check]:
    """Whether this installation can talk, and what it would use."""
    yield Check("설정", True, str(loaded.path or "꾸러미의 기본값"))
    yield _check("말뭉치", lambda: _corpus_line(loaded))
    yield _check("형태소 분석기", lambda: _analyzer_line(loaded))
    yield _check("장치", lambda: _device_line(loaded))
    yield _check("저장소", lambda: _store_line(loaded))
    yield from _model_checks(loaded)


def _check(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except ChatbotError as error:
        return Check(name, False, str(error))


def _corpus_line(loaded: Loaded) -> str:
    corpus = read_corpus(loaded.corpus_dir)
    examples = sum(len(intent.examples) for intent in corpus.intents)
    return (
        f"{corpus.root}: 의도 {len(corpus.intents)}개(예문 {examples}개), 지식 {len(corpus.knowledge)}개, "
        f"대화 짝 {len(corpus.pairs)}개, 짧은 대화 {len(corpus.dialogues)}개"
    )


def _analyzer_line(loaded: Loaded) -> str:
    name = loaded.config.text.analyzer
    words = [m.form for m in analyzer(name, loaded.corpus_dir / "lexicon").analyze(["한국어를 공부해요"])[0]]
    return f"{name}: 한국어를 공부해요 → {' '.join(words)}"


def _device_line(loaded: Loaded) -> str:
    from chatbot.neural.device import pick_device

    return f"{pick_device(loaded.config.device)} (device: {loaded.config.device})"


def _store_line(loaded: Loaded) -> str:
    store = open_store(loaded)
    store.close()
    return loaded.store_url.split("@")[-1]


def _model_checks(loaded: Loaded) -> Iterator[Check]:
    versions = Versions(loaded.models_dir)
    current = versions.current()
    store = MemoryStore()
    try:
        brain = load_brain(loaded, versions, store)
    except ChatbotError as error:
        yield Check("모델", False, str(error))
        return
    yield Check("모델", brain.version == (current or SHIPPED), f"{brain.version} 판을 씁니다")
    folder = PRETRAINED if brain.version == SHIPPED else versions.open(brain.version, verify=False).path
    yield _classifier_check(loaded, folder / "intent" / "config.json")
    yield Check("찾기", True, _index_line(folder / "retrieval"))
    for note in brain.notes:
        yield Check("모델", False, note)


def _index_line(folder: Path) -> str:
    """How many rows can be found, and how vectors are searched."""
    index, vectors = (
        json.loads((part / "config.json").read_text(encoding="utf-8")) for part in (folder, folder / "vectors")
    )
    exact = vectors.get("layout", "flat") == "flat"
    how = "모든 벡터를 그대로 견줍니다 (flat)" if exact else "줄인 벡터를 훑고 고른 것을 다시 견줍니다 (pq-scan)"
    return f"{index['rows']:,}줄에서 찾고, {how}"


def _classifier_check(loaded: Loaded, path: Path) -> Check:
    """Which classifier speaks, and why it is not the one that config.yaml names."""
    wanted, taught = loaded.config.intent.classifier, json.loads(path.read_text(encoding="utf-8"))
    used, why = str(taught["classifier"]), str(taught.get("note", ""))
    if used == wanted:
        return Check("의도 분류", True, used)
    if not why and wanted == "kobert":
        from chatbot.intent.kobert import at_hand

        try:
            at_hand(loaded.config.intent.kobert.model)
        except ChatbotError as error:
            why = str(error)
    remedy = why or "`chatbot train intent`를 돌리면 바뀝니다"
    return Check("의도 분류", False, f"config.yaml에는 {wanted}, 지금 판은 {used}: {remedy}")
