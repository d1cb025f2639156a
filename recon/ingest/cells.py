"""What surrounds the content of a text cell and is no part of it: blanks of any kind, and a spreadsheet's text guard.

Exports write `'462235` so that Excel keeps the text; our own exports do the same. The caller keeps the raw cell.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

BLANKS: Final = (
    " \t\r\n\v\f\u00a0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\u200b\ufeff"
)
GUARD: Final = "'"


def clean(cell: str) -> str:
    """The cell without blanks around it and without a leading text guard."""
    cell = cell.strip(BLANKS)
    return cell[1:].lstrip(BLANKS) if cell.startswith(GUARD) else cell


def clean_column(text: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """`clean` for a whole column; a null stays null."""
    trimmed = pc.utf8_trim(text, characters=BLANKS)
    guarded = pc.starts_with(trimmed, GUARD)
    if not pc.any(guarded).as_py():
        return trimmed
    return pc.if_else(guarded, pc.utf8_ltrim(pc.utf8_slice_codeunits(trimmed, 1), characters=BLANKS), trimmed)
