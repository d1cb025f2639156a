"""A column as its distinct texts: a million dates have a few hundred, and each needs to be understood only once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

_SAMPLE: Final = 20_000
_REPEATS: Final = 4
"""A column is taken apart if each text of its first rows occurs this often on average; else it would be for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distinct:
    """`values` (distinct, string) in order of first appearance, a null as ""; row i says `values[index[i]]`.

    A column that hardly repeats itself stands here as it is, with equal texts more than once.
    """

    values: pa.Array
    index: npt.NDArray[np.int32]

    def row_counts(self) -> npt.NDArray[np.int64]:
        """How many rows say each value."""
        return np.bincount(self.index, minlength=len(self.values)).astype(np.int64)

    def first_rows(self) -> npt.NDArray[np.int64]:
        """The first row that says each value."""
        first = np.zeros(len(self.values), np.int64)
        first[self.index[::-1]] = np.arange(len(self.index) - 1, -1, -1)
        return first

    def mask(self, wanted: pa.Array) -> npt.NDArray[np.bool_]:
        """What is true of each value (values, bool), for each row."""
        of_value: npt.NDArray[np.bool_] = np.asarray(wanted, dtype=bool)
        return of_value[self.index]


def distinct(text: pa.Array | pa.ChunkedArray | Distinct) -> Distinct:
    """The distinct texts of a column; of one that is taken apart already, itself."""
    if isinstance(text, Distinct):
        return text
    if isinstance(text, pa.ChunkedArray):
        text = pa.concat_arrays(text.chunks) if text.num_chunks else pa.array([], text.type)
    text = text.fill_null("") if text.null_count else text
    sample = text.slice(0, _SAMPLE)
    if len(sample) < _REPEATS * len(sample.unique()):
        return Distinct(values=text, index=np.arange(len(text), dtype=np.int32))
    encoded = text.dictionary_encode()
    return Distinct(values=encoded.dictionary, index=np.asarray(encoded.indices, dtype=np.int32))
