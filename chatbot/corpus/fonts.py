"""A Korean font for pictures. In: nothing. Out: the name of a font that matplotlib then knows. Draws nothing."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from chatbot.errors import MissingExtraError

FONT = "NanumGothic"


def korean_font() -> str:
    """Register NanumGothic from koreanize-matplotlib's folder with matplotlib; its name, for ``font.family``.

    The package itself is not imported: it needs distutils, which Python 3.12 left out, and changes every figure.

    Raises
    ------
    MissingExtraError
        when matplotlib or koreanize-matplotlib is not installed.
    """
    try:
        from matplotlib import font_manager
    except ImportError as error:
        raise MissingExtraError("matplotlib", "report") from error
    found = importlib.util.find_spec("koreanize_matplotlib")
    if found is None or not found.submodule_search_locations:
        raise MissingExtraError("koreanize-matplotlib", "report")
    known = {font.name for font in font_manager.fontManager.ttflist}
    if FONT not in known:
        for name in (f"{FONT}.ttf", f"{FONT}Bold.ttf"):
            font_manager.fontManager.addfont(Path(found.submodule_search_locations[0]) / "fonts" / name)
    return FONT
