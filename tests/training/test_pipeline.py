"""Teaching as a whole, on a tiny corpus: what runs, what the gate lets pass, what a kill or a full disk leaves."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from chatbot.errors import TrainingError
from chatbot.training.pipeline import Teaching, Train, teach
from chatbot.training.versions import Versions, write_manifest

FAQ = "- id: recall\n  title: 재현율\n  questions: [재현율이 뭐야?]\n  answer: 찾아낸 비율이에요.\n"


def test_the_first_teaching_is_promoted_and_the_second_has_nothing_to_do(taught: Any) -> None:
    name = taught.versions.current()
    assert taught.versions.open(name).manifest["gate"]["verdict"] == "promoted"
    run = teach(taught.work())
    assert run.version is None and taught.taught == []
    assert taught.versions.current() == name


def test_only_what_changed_is_taught(taught: Any) -> None:
    (taught.root / "knowledge" / "more.yaml").write_text(FAQ, encoding="utf-8")
    run = teach(taught.work())
    assert taught.taught == ["retrieval"] and run.promoted
    assert (run.outcomes[1].metrics["added"], run.outcomes[1].metrics["removed"]) == (2, 0)
    assert {"retrieval", "stories", "safety", "latency"} <= {check.name for check in run.gate.checks}

    taught.taught.clear()
    taught.write_intent("library", ["도서관", "열람실", "책 반납", "책장", "독서실", "서가"])
    run = teach(taught.work())
    assert taught.taught == ["intent"] and run.promoted
    assert "library" in json.loads((run.version.path / "intent" / "labels.json").read_text(encoding="utf-8"))
    assert any("library" in note for note in run.gate.notes), "an intent the old bot cannot know is not a regression"


def test_a_reworded_reply_needs_no_teaching(taught: Any) -> None:
    path = taught.root / "intents" / "food.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("이야기군요", "말씀이군요"), encoding="utf-8")
    run = teach(taught.work())
    assert taught.taught == [] and run.promoted
    assert "말씀이군요" in (run.version.path / "corpus" / "intents" / "food.yaml").read_text(encoding="utf-8")


def spoil(root: Path) -> None:
    """Every second thing of each intent goes under the next intent."""
    files = sorted((root / "intents").glob("*.yaml"))
    lines = [[line for line in path.read_text(encoding="utf-8").splitlines() if "  - " in line] for path in files]
    for place, path in enumerate(files):
        own, other = lines[place][:-1], lines[place - 1][:-1]
        mixed = [other[n] if n % 2 else own[n] for n in range(len(own))]
        text = "\n".join([f"intent: {path.stem}", "examples:", *mixed, "replies:", lines[place][-1]])
        path.write_text(text + "\n", encoding="utf-8")


def test_a_worse_version_is_refused_says_where_and_may_be_forced(taught: Any) -> None:
    before = taught.versions.current()
    spoil(taught.root)
    run = teach(taught.work())
    assert not run.promoted and run.gate is not None and run.gate.verdict == "refused"
    assert taught.versions.current() == before and run.version.name in taught.versions.names()
    kept = json.loads((run.version.path / "gate.json").read_text(encoding="utf-8"))
    worse = [line for check in kept["checks"] if not check["passed"] for line in check["worse"]]
    assert worse and all(line["before"] != line["after"] for line in worse)
    assert run.version.manifest["gate"]["verdict"] == "refused"

    taught.taught.clear()
    forced = teach(taught.work(), force=True)
    assert forced.promoted and forced.version.name == run.version.name and taught.taught == []
    assert taught.versions.current() == run.version.name
    assert taught.versions.open(run.version.name).manifest["gate"]["verdict"] == "forced"
    assert "forced" in taught.versions.history()[-1]["why"]


def test_a_dry_run_changes_nothing(taught: Any) -> None:
    taught.write_intent("library", ["도서관", "열람실"])
    before = sorted(path.name for path in taught.models.iterdir())
    first = teach(taught.work(), dry_run=True).steps[0]
    assert (first.stage, first.train) == ("intent", True)
    assert sorted(path.name for path in taught.models.iterdir()) == before


def test_a_tampered_version_is_left_for_the_one_before(taught: Any) -> None:
    good = taught.versions.current()
    (taught.root / "knowledge" / "more.yaml").write_text(FAQ, encoding="utf-8")
    bad = teach(taught.work()).version
    (bad.path / "corpus" / "intents" / "food.yaml").write_text("intent: food\n", encoding="utf-8")
    run = teach(taught.work())
    assert any("checksum" in note and good in note for note in run.notes)
    assert run.promoted and taught.versions.open(run.version.name).manifest["base"] == good


def test_the_second_at_once_leaves_when_told_to(taught: Any) -> None:
    with FileLock(taught.models / ".lock"), pytest.raises(TrainingError, match="another training is running"):
        teach(taught.work(), wait=False)


def test_the_second_at_once_waits_otherwise(taught: Any) -> None:
    holding = threading.Event()

    def other() -> None:
        with FileLock(taught.models / ".lock"):
            holding.set()
            time.sleep(0.5)

    first = threading.Thread(target=other)
    first.start()
    holding.wait()
    started = time.monotonic()
    assert teach(taught.work()).version is None
    assert time.monotonic() - started >= 0.4
    first.join()


def in_child(work: Callable[[], object]) -> int:
    """Run `work` in a process of its own; the exit code, or minus the signal."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except TrainingError as error:
            os.write(2, str(error).encode())
            os._exit(3)
        finally:
            os._exit(4)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at(work: Teaching, moment: str) -> Teaching:
    """The same teaching, whose process dies at `moment`."""

    def die(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def after(train: Train) -> Train:
        def run(target: Path, base: Path | None) -> Mapping[str, Any]:
            train(target, base)
            for path in sorted(target.rglob("*"))[1:]:  # half of it is on the disk
                if path.is_file():
                    path.unlink()
            die()
            return {}

        return run

    if moment in work.trainers:
        return replace(work, trainers={**work.trainers, moment: after(work.trainers[moment])})  # type: ignore[index]
    if moment == "exam":
        return replace(work, examine=die)  # type: ignore[arg-type]
    dying = type("Dying", (Versions,), {"finish" if moment == "seal" else "promote": die})(work.versions.root)
    return replace(work, versions=dying)


@pytest.mark.parametrize("moment", ["intent", "retrieval", "responder", "exam", "seal", "promote"])
def test_a_kill_at_any_stage_leaves_the_old_bot_and_the_next_run_goes_on(taught: Any, moment: str) -> None:
    before = taught.versions.current()
    taught.write_intent("library", ["도서관", "열람실", "책 반납", "책장", "독서실", "서가"])
    (taught.root / "knowledge" / "more.yaml").write_text(FAQ, encoding="utf-8")
    with (taught.root / "chat" / "talk.tsv").open("a", encoding="utf-8") as file:
        file.write("정말 졸리다\t눈 좀 붙여요.\n")
    assert in_child(lambda: teach(killed_at(taught.work(), moment))) == -signal.SIGKILL
    assert taught.versions.current() == before
    taught.versions.open(before)

    run = teach(taught.work())
    assert run.promoted and taught.versions.current() == run.version.name
    taught.versions.open(run.version.name)
    order = ["intent", "retrieval", "responder"]
    assert taught.taught == (order[order.index(moment) :] if moment in order else [])
    assert not list(taught.models.glob(".building-*"))
    assert teach(taught.work()).version is None


@pytest.mark.parametrize("limit", [20_000, 60_000, 150_000])
def test_a_full_disk_is_named_and_leaves_the_old_bot(taught: Any, limit: int, capfd: Any) -> None:
    before = taught.versions.current()
    taught.write_intent("library", ["도서관", "열람실", "책 반납", "책장", "독서실", "서가"])

    def with_little_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        teach(taught.work())

    code = in_child(with_little_room)
    said = capfd.readouterr().err
    assert code == 3 and "disk is full" in said and "chatbot models prune" in said, said
    assert taught.versions.current() == before
    assert teach(taught.work()).promoted


def test_no_room_for_another_version_is_said_before_anything_is_taught(
    taught: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    taught.write_intent("library", ["도서관", "열람실"])
    usage = shutil.disk_usage(taught.models)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    with pytest.raises(TrainingError, match=r"needs about .* MB .* free"):
        teach(taught.work())
    assert taught.taught == []


def weights(version: Any) -> dict[str, str]:
    return {
        path.parent.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in version.path.glob("*/weights.safetensors")
    }


def test_the_same_seed_gives_the_same_weights(taught: Any) -> None:
    base = taught.versions.current()
    small = {"hidden_size": 7, "embedding_size": 11, "epochs": 2, "batch_size": 24}
    intent = taught.settings["intent"]
    taught.settings["intent"] = {**intent, "classifier": "lstm", "lstm": {**intent["lstm"], **small}}
    first = weights(teach(taught.work(), again=True, force=True).version)
    taught.versions.promote(base, "test")  # the generator goes on from the version in use
    again = weights(teach(taught.work(), again=True, force=True).version)
    assert again == first and again.keys() == {"intent", "responder"}


def test_a_version_in_use_that_cannot_be_opened_is_no_hurdle(taught: Any) -> None:
    base = taught.versions.open(taught.versions.current())
    config = json.loads((base.path / "retrieval" / "config.json").read_text(encoding="utf-8"))
    (base.path / "retrieval" / "config.json").write_text(json.dumps({**config, "analyzer": "okt"}), encoding="utf-8")
    write_manifest(base.path, {key: value for key, value in base.manifest.items() if key != "files"})
    (taught.root / "knowledge" / "more.yaml").write_text(FAQ, encoding="utf-8")
    run = teach(taught.work())
    assert run.promoted and any("okt" in note for note in run.gate.notes)
    assert "safety" in {check.name for check in run.gate.checks}
