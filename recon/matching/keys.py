"""Exact keys: (currency, date, amount) as one unsigned 64-bit word that sorts as the three do.

Ranges are taken from the data. When they do not fit 64 bits together, columns are replaced by their ranks among the
values present, which always fits: there are never more ranks than rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recon.matching.arrays import Ints, Layout, Words, at_once

Column = NDArray[np.int64]


def currency_codes(
    source: pa.ChunkedArray, reference: pa.ChunkedArray, threads: int = 1
) -> tuple[Ints, Ints, tuple[str, ...]]:
    """Codes counted from 0 in alphabetical order of the currencies present on either side, and the currencies."""
    encoded = at_once(threads, *(partial(_encoded, column) for column in (source, reference)))
    names = sorted({name for column in encoded for name in _dictionary(column)})
    code = {name: number for number, name in enumerate(names)}
    one, other = (_recoded(column, code) for column in encoded)
    return one, other, tuple(names)


def _encoded(column: pa.ChunkedArray) -> Any:
    return pc.dictionary_encode(column).combine_chunks()


def _dictionary(encoded: Any) -> list[str]:
    return encoded.dictionary.to_pylist() if len(encoded) else []


def _recoded(encoded: Any, code: dict[str, int]) -> Ints:
    if not len(encoded):
        return np.zeros(0, np.int64)
    table = np.array([code[name] for name in encoded.dictionary.to_pylist()], np.int64)
    result: Ints = table[encoded.indices.to_numpy(zero_copy_only=False)]
    return result


def exact_keys(source: Sequence[Column], reference: Sequence[Column]) -> tuple[Words, Words]:
    """One word for each row of either side: equal words are equal columns, and words sort as the columns do."""
    layout = Layout.of(source, reference)
    if layout.bits <= 64:
        return layout.pack(source), layout.pack(reference)
    border = len(source[0])
    ranked = _ranked([np.concatenate(pair) for pair in zip(source, reference, strict=True)])
    return ranked[:border], ranked[border:]


def _ranked(columns: Sequence[Column]) -> Words:
    """The columns folded into one rank, two at a time; a rank is below 2**32, so two of them share a word."""
    rank = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        values = np.unique(column, return_inverse=True)[1].astype(np.uint64)
        rank = np.unique((rank << np.uint64(32)) | values, return_inverse=True)[1].astype(np.uint64)
    return rank
