"""`chatbot corpus` as its users type it: output and exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner, Result

from chatbot.corpus.cli import app
from chatbot.errors import CorpusError


def run(root: Path, *words: str) -> Result:
    return CliRunner().invoke(app, list(words), obj=SimpleNamespace(corpus_root=root))


def test_check_is_zero_when_clean_or_warned_and_one_on_errors(corpus: Path) -> None:
    assert run(corpus, "check").exit_code == 0
    path = corpus / "intents" / "bye.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    warned = run(corpus, "check")
    assert warned.exit_code == 0
    assert "bye.yaml:1: warning: bom" in warned.output
    path.write_bytes(path.read_text(encoding="utf-8-sig").encode("cp949"))
    broken = run(corpus, "check")
    assert broken.exit_code == 1
    assert "bye.yaml:3: error: encoding" in broken.output
    fixed = run(corpus, "check", "--fix")
    assert fixed.exit_code == 0
    assert "고침" in fixed.output
    assert "오류 0개" in fixed.output


def test_check_speaks_json(corpus: Path) -> None:
    (corpus / "chat" / "bad.tsv").write_text("탭 없음\n", encoding="utf-8")
    result = json.loads(run(corpus, "check", "--json").output)
    assert [(f["code"], f["line"], f["severity"]) for f in result["findings"]] == [("format", 1, "error")]


def test_stats_and_import(corpus: Path, tmp_path: Path) -> None:
    assert "의도 2개" in run(corpus, "stats").output
    assert "| 의도 예문 | 20 |" in run(corpus, "stats", "--markdown").output
    (tmp_path / "faq.csv").write_text("물음,답\n언제 열어?,아홉 시요.\n", encoding="utf-8")
    done = run(corpus, "import", str(tmp_path / "faq.csv"), "--map", "question=물음", "--map", "answer=답")
    assert done.exit_code == 0, done.output
    assert "1줄 가운데 1줄을 들였습니다" in done.output
    assert (corpus / "chat" / "faq.tsv").read_text(encoding="utf-8") == "언제 열어?\t아홉 시요.\n"


def test_wrong_use_is_two_and_failure_raises(corpus: Path, tmp_path: Path) -> None:
    assert run(corpus, "import", "x.csv", "--map", "question").exit_code == 2
    assert run(corpus, "chek").exit_code == 2
    assert CliRunner().invoke(app, ["check"]).exit_code == 2
    failed = run(corpus, "import", str(tmp_path / "none.csv"))
    assert isinstance(failed.exception, CorpusError)


def test_warnings_are_cut_short_unless_all_are_asked_for(corpus: Path) -> None:
    (corpus / "chat" / "many.tsv").write_text(
        "".join(f"오늘은 {c}번 문제야\t그래요.\n" for c in "가나다라마바사아자차카타파하"), "utf-8"
    )
    short, full = run(corpus, "check").output, run(corpus, "check", "--all").output
    assert "near-duplicate: 그 밖에 3개" in short
    assert "닮은 줄 28/" in short
    assert full.count("near-duplicate:") == short.count("near-duplicate:") + 2


@pytest.mark.parametrize("command", ["check", "stats", "import"])
def test_help_is_korean(corpus: Path, command: str) -> None:
    result = run(corpus, command, "--help")
    assert result.exit_code == 0
    assert "말뭉치" in result.output
