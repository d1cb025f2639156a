"""Both sides read with the names the rules hold for the same party, before anything is compared.

Only texts that have such a name are touched, and of equal ones one. What a text was stays beside it, so that rows that
read alike now keep an order of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.model.aliases import Alias, Reader, reader

AS_GIVEN: Final = "description_as_given"
"""A column beside those of TRANSACTION_SCHEMA: the description before names were read as others."""

_AT_ONCE: Final = 100
_NAMED: Final = ("description", "counterparty")


def same_names(table: pa.Table, aliases: tuple[Alias, ...]) -> pa.Table:
    """The table with its texts read; itself where the rules have no aliases."""
    if not aliases:
        return table
    own, read = reader(aliases), table.append_column(AS_GIVEN, table["description"])
    for name in _NAMED:
        if name in table.column_names:
            place = table.schema.get_field_index(name)
            read = read.set_column(place, table.schema.field(place), _read(table[name], own))
    return read


def read_text(text: str | None, aliases: tuple[Alias, ...]) -> str | None:
    """One text, read."""
    return reader(aliases).read(text) if text and aliases else text


def _read(column: pa.ChunkedArray, own: Reader) -> pa.ChunkedArray:
    texts = column.combine_chunks()
    may_have = _may_have_a_name(texts, own.telling)
    named = texts.filter(may_have).dictionary_encode()
    said = pa.array([own.read(text) for text in named.dictionary.to_pylist()], texts.type)
    return pa.chunked_array([pc.replace_with_mask(texts, may_have, said.take(named.indices))], texts.type)


def _may_have_a_name(texts: pa.Array, telling: Sequence[str]) -> pa.Array:
    """Which texts have one of these words; a pattern of too many would not be compiled."""
    found = pa.array(np.zeros(len(texts), np.bool_))
    for begin in range(0, len(telling), _AT_ONCE):
        pattern = "|".join(telling[begin : begin + _AT_ONCE])
        found = pc.or_(found, pc.fill_null(pc.match_substring_regex(texts, pattern, ignore_case=True), False))
    return found
