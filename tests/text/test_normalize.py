"""text.normalize: golden rows and the properties that must hold for any text."""

from __future__ import annotations

import subprocess
import sys
import unicodedata

import pytest
from golden_rows import rows
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.text.normalize import normalize

TEXTS = st.text(
    alphabet=st.one_of(st.characters(codec=None), st.sampled_from("가각힣ㅋㅠㅜ!?~.,;^ \u1100\u1161\u11a8😂"))
)


@pytest.mark.parametrize(("typed", "expected"), rows("normalize.tsv"))
def test_golden(typed, expected):
    assert normalize(typed) == expected


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from([1, 2, 7, 1000]))
def test_any_text_gives_one_bounded_line_and_twice_changes_nothing(text, limit):
    once = normalize(text, limit)
    assert normalize(once, limit) == once
    assert len(once) <= limit
    assert once == once.strip()
    assert "\n" not in once
    once.encode()


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="가나다한글값뷁 ㅋ!", max_size=40))
def test_nfc_and_nfd_agree(text):
    assert normalize(unicodedata.normalize("NFD", text)) == normalize(text)


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u200b", "\ud800", "\x00\x01"])
def test_nothing_left(text):
    assert normalize(text) == ""


def test_a_flood_of_text_is_cut_before_the_rules_run():
    assert normalize("가나" * 5_000_000, 1000) == "가나" * 500


def test_imports_nothing_heavy():
    code = "import sys, chatbot.text.normalize; print(sorted({'torch', 'kiwipiepy', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
