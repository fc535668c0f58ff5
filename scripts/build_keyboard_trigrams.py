"""Build corpus/lexicon/keyboard_trigrams.tsv: how much more Korean than English each three keys in a row are.

English comes from the documentation that ships with Python, Korean from the words in corpus/, typed on the 2-set
layout. Run it again when the corpus has grown a lot.

    python scripts/build_keyboard_trigrams.py
"""

from __future__ import annotations

import importlib
import math
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from pydoc_data import topics

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from chatbot.text.jamo import hangul_to_two_set  # noqa: E402  (the checkout need not be installed)

LETTERS = "abcdefghijklmnopqrstuvwxyz"
_MODULES = (
    "argparse asyncio collections csv datetime decimal difflib email functools heapq html http inspect itertools json "
    "logging math multiprocessing os pathlib pickle random re shutil smtplib socket sqlite3 ssl statistics string "
    "subprocess tarfile tempfile textwrap threading time turtle typing unicodedata unittest urllib.request uuid wave "
    "zipfile numpy torch torch.nn torch.optim sklearn.cluster sklearn.linear_model sklearn.metrics pandas"
)
_OPENING = """\
# Two keys, then for a to z and the end of the word: by how much Korean typed on an English keyboard is likelier than
# English to go on so (tenths of a natural logarithm). Made by scripts/build_keyboard_trigrams.py; ^ is the start.
"""


def main() -> None:
    english = trigrams(english_words())
    korean = trigrams(Counter(hangul_to_two_set(word) for word in korean_words()))
    contexts = ["^^", *("^" + a for a in LETTERS), *(a + b for a in LETTERS for b in LETTERS)]
    likelier = {c: [smoothed(korean, c, x) - smoothed(english, c, x) for x in LETTERS + "$"] for c in contexts}
    rows = (f"{c}\t{' '.join(str(round(10 * value)) for value in values)}\n" for c, values in likelier.items())
    path = ROOT / "corpus" / "lexicon" / "keyboard_trigrams.tsv"
    path.write_text(_OPENING + "".join(rows), encoding="utf-8")
    print(f"{path}: {len(likelier)} contexts")


def english_words() -> Counter[str]:
    modules = [importlib.import_module(name) for name in _MODULES.split()]
    documented = [getattr(module, name, None) for module in modules for name in dir(module)]
    texts = [*topics.topics.values(), *(str(getattr(thing, "__doc__", "")) for thing in (*modules, *documented))]
    return Counter(word.lower() for text in texts for word in re.findall(r"[A-Za-z]{3,}", text))


def korean_words() -> Iterable[str]:
    for path in sorted((ROOT / "corpus").rglob("*")):
        if path.suffix in (".yaml", ".tsv", ".txt") and "lexicon" not in path.parts and "crawled" not in path.parts:
            yield from re.findall(r"[가-힣]+[ㅋㅎㅠ]*", path.read_text(encoding="utf-8"))


def trigrams(words: Counter[str]) -> dict[str, Counter[str]]:
    """Counts of one, two and three keys; a word counts with the square root of its frequency."""
    counts: dict[str, Counter[str]] = {"": Counter()}
    for word, frequency in words.items():
        padded = f"^^{word.lower()}$"
        for at in range(2, len(padded)):
            for context in ("", padded[at - 1], padded[at - 2 : at]):
                counts.setdefault(context, Counter())[padded[at]] += math.sqrt(frequency)
    return counts


def smoothed(counts: dict[str, Counter[str]], context: str, key: str) -> float:
    """Log probability of `key` after two keys, backed off to one and none (Witten-Bell-like, five pseudo counts)."""
    probability = 1 / 27
    for known in ("", context[1], context):
        seen = counts.get(known, Counter())
        probability = (seen[key] + 5 * probability) / (seen.total() + 5)
    return math.log(probability)


if __name__ == "__main__":
    main()
