"""Text as a document can show it: letters its font has, and of all others the code points, where nobody can miss them.

IBM Plex Sans has Latin, Greek, Cyrillic and the symbols around them. A letter of another script (or an invisible
control character, which could turn a text around) stands as its code point between ‹ and ›: `‹U+5F20 U+4F1F›`. That is
nobody's name, and says exactly which letters the workbook has in its place.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Final

from fpdf import FPDF
from fpdf.fonts import TTFFont

_FONTS: Final = Path(__file__).parent / "fonts"
REGULAR: Final = _FONTS / "IBMPlexSans-Regular.woff"
SEMIBOLD: Final = _FONTS / "IBMPlexSans-SemiBold.woff"

SHOWN_TOGETHER: Final = 8
"""Code points of one stretch that are written out; of the others their number."""


def shown(text: str) -> str:
    """The text as the document has it: composed, and code points for what the font lacks."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(
        "".join(stretch) if is_known else _code_points("".join(stretch))
        for is_known, stretch in groupby(composed, key=_has())
    )


def is_whole(text: str) -> bool:
    """Whether the document shows all of the text as it is."""
    return all(map(_has(), unicodedata.normalize("NFC", text)))


def _code_points(stretch: str) -> str:
    first = " ".join(f"U+{ord(letter):04X}" for letter in stretch[:SHOWN_TOGETHER])
    more = len(stretch) - SHOWN_TOGETHER
    return f"‹{first} and {more:,} more›" if more > 0 else f"‹{first}›"


@cache
def _has() -> Callable[[str], bool]:
    """Whether the fonts have a letter; both have the same ones. A line break is layout, and any font has it."""
    pdf = FPDF()
    pdf.add_font("plex", "", REGULAR)
    font = pdf.fonts["plex"]
    assert isinstance(font, TTFFont)
    known = frozenset(map(chr, font.cmap)) - _INVISIBLE | {"\n"}
    return known.__contains__


_INVISIBLE: Final = frozenset(
    map(chr, (*range(0x20), *range(0x7F, 0xA0), 0xAD, *range(0x200B, 0x2010), 0x2028, 0x2029, 0xFEFF))
)
