"""Fixtures shared by all tests: slow things are loaded once a session."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def corpus_dir() -> Path:
    """The shipped corpus."""
    return ROOT / "corpus"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The public data sets; skips where they are absent."""
    path = ROOT.parent / "shared" / "data"
    if not path.is_dir():
        pytest.skip("../shared/data is absent")
    return path


@pytest.fixture(scope="session")
def kiwi():
    """One Kiwi analyzer for the whole session (loading takes seconds)."""
    from chatbot.text.kiwi import KiwiAnalyzer

    return KiwiAnalyzer()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast tests first, so that a plain mistake shows within seconds."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)
