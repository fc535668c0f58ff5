"""Find where morphemes stand in the text, for analyzers that do not say. In: surface and forms; out: offsets.

Forms differ from the surface where contractions were undone (갔어요 is 가 + 았 + 어요), so the two are aligned jamo by
jamo with the least edit distance. Knows nothing of tags.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatbot.text.jamo import decompose


def align(surface: str, forms: Sequence[str]) -> list[tuple[int, int]]:
    """(start, end) of each form within `surface`: never empty, inside it, starts never going back.

    `surface` is one eojeol: the cost grows with the product of the lengths. An empty surface gives (0, 0).
    """
    owners = [at for at, character in enumerate(surface) for _ in decompose(character)]
    typed = decompose(surface)
    written = "".join(map(decompose, forms))
    path = _least_edits(typed, written)
    spans: list[tuple[int, int]] = []
    at = last = 0
    for form in forms:
        length = len(decompose(form))
        hit = [owners[path[k]] for k in range(at, at + length) if path[k] >= 0]
        start = max(min(hit, default=last), last)
        end = max(max(hit, default=start), start) + 1
        spans.append((min(start, len(surface)), min(end, len(surface))))
        at, last = at + length, start
    return spans


def _least_edits(typed: str, written: str) -> list[int]:
    """For each character of `written` the index in `typed` that it matches, -1 for none (Wagner & Fischer 1974)."""
    rows = [list(range(len(typed) + 1))]
    for i, wanted in enumerate(written, start=1):
        above, row = rows[-1], [i]
        for j, found in enumerate(typed, start=1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (0 if wanted == found else 2)))
        rows.append(row)
    path = [-1] * len(written)
    i, j = len(written), len(typed)
    while i and j:
        if written[i - 1] == typed[j - 1] and rows[i][j] == rows[i - 1][j - 1]:
            path[i - 1] = j - 1
            i, j = i - 1, j - 1
        elif rows[i][j] == rows[i - 1][j] + 1:
            i -= 1
        else:
            j -= 1
    return path
