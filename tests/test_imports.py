"""The order of imports holds, and the command line starts without the heavy libraries."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "chatbot"

# A module may import from its own layer and from those below it.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("__main__",),
    ("cli",),
    ("cli_discover", "cli_evaluate", "cli_models", "cli_report", "cli_tune"),
    ("console",),
    ("app",),
    ("adapters",),
    ("training",),
    ("dialogue",),
    ("intent", "seq2seq", "retrieval", "store"),
    ("crawlers", "neural"),
    ("corpus",),
    ("text",),
    ("seams",),
    ("types",),
)
LEVEL = {name: -depth for depth, names in enumerate(LAYERS) for name in names}
# Anybody may import errors; only these may import config.
CONFIG_USERS = {"app", "cli", "cli_models", "__main__"}
# Sub-apps of the command line sit beside what they drive and take plain values from it.
HEAVY = {"torch", "transformers", "faiss", "matplotlib", "telegram", "sklearn", "pandas", "kiwipiepy"}


def modules() -> Iterator[tuple[str, str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        yield ".".join(parts), parts[0], path


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Every module of this package that `path` imports, wherever in the file, types alone excepted."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and "TYPE_CHECKING" in ast.dump(branch.test)
        for node in ast.walk(branch)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.ImportFrom) and node.module == "chatbot":
            yield from ((f"chatbot.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("chatbot."):
            yield node.module, node.lineno
        elif isinstance(node, ast.Import):
            yield from ((a.name, node.lineno) for a in node.names if a.name.startswith("chatbot."))


@pytest.mark.parametrize(("name", "top", "path"), [pytest.param(*m, id=m[0]) for m in modules()])
def test_imports_point_downwards(name: str, top: str, path: Path) -> None:
    if name in ("__init__", "errors"):
        return
    for module, line in imported(path):
        target = module.split(".")[1]
        if target in ("errors", "__version__"):
            continue
        if target == "config":
            assert top in CONFIG_USERS, f"{path}:{line}: config is for {sorted(CONFIG_USERS)} alone"
            continue
        if top == "config":
            pytest.fail(f"{path}:{line}: config imports nothing of the package but errors")
        assert target in LEVEL, f"{path}:{line}: {module} has no layer; add it to LAYERS"
        assert LEVEL[target] <= LEVEL[top], f"{path}:{line}: {top} may not import {target} (imports point downwards)"


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, typer.testing, chatbot.cli;"
        "r = typer.testing.CliRunner().invoke(chatbot.cli.app, ['--help']);"
        "assert r.exit_code == 0, r.output;"
        f"print(sorted(set({sorted(HEAVY)!r}) & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert result.stdout.strip() == "[]"
