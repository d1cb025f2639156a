"""Texts as numbers, straight from Arrow buffers: hashes, words that sort as the bytes do, shapes.

A value depends on the bytes of its text alone: the same on every machine, in any order, chunking or thread count.
"No text" (null or empty) is always 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property, partial
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recon.matching.arrays import Flags, Ints, Words, at_once, mix

_BLOCK: Final = 1 << 15
_ALL_ONES: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
_STIR: Final = np.uint64(0x9E3779B97F4A7C15)
_IS_WORD: Final = np.array([code < 128 and chr(code).isalnum() for code in range(256)])
_SORTED_BYTES: Final = 64
_LONGEST_SHAPE: Final = 255
_SHAPES: Final = (_LONGEST_SHAPE + 1) << 8


def texts(column: pa.ChunkedArray | pa.Array) -> pa.LargeStringArray:
    """One contiguous array of 64-bit offsets, null as empty: the shape the functions here read."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if not pa.types.is_large_string(array.type):
        array = array.cast(pa.large_string())
    return pc.fill_null(array, "") if array.null_count else array


def buffers(array: pa.LargeStringArray) -> tuple[Ints, NDArray[np.uint8]]:
    """Offsets and bytes, without a copy."""
    _, offset_buffer, byte_buffer = array.buffers()
    offsets = np.frombuffer(offset_buffer, np.int64, len(array) + 1, array.offset * 8)
    if byte_buffer is None or not byte_buffer.size:
        return offsets, np.zeros(0, np.uint8)
    return offsets, np.frombuffer(byte_buffer, np.uint8)


def _words(data: NDArray[np.uint8], begin: int, end: int) -> tuple[Words, int]:
    """A view of data[begin:end] as a little-endian word at every byte, and the offset of its first byte in `data`."""
    if end + 8 > len(data):  # a word may start at the last byte, so the very end needs room behind it
        data = np.concatenate([data[begin:end], np.zeros(8, np.uint8)])
        return np.ndarray((len(data) - 7,), np.dtype("<u8"), data, 0, (1,)), begin
    return np.ndarray((len(data) - 7,), np.dtype("<u8"), data, 0, (1,)), 0


def hashes(array: pa.LargeStringArray, threads: int = 1) -> Words:
    """A 64-bit hash for each text, eight bytes a step over whole blocks; 0 where there is no text."""
    out = np.zeros(len(array), np.uint64)
    if not len(array):
        return out
    offsets, data = buffers(array)

    def job(begin: int) -> None:
        stop = min(len(array), begin + _BLOCK)
        words, base = _words(data, int(offsets[begin]), int(offsets[stop]))
        at = offsets[begin:stop] - base
        length = offsets[begin + 1 : stop + 1] - offsets[begin:stop]
        state = length.astype(np.uint64) * _STIR
        spare = (8 - np.minimum(length, 8)).astype(np.uint64) << np.uint64(3)
        _stir(state, words[at] & (_ALL_ONES >> spare))
        last = at + length - 8  # the last word overlaps the one before it, so that none but the first needs a mask
        for step in range(8, int(length.max()), 8):
            live = np.flatnonzero(length > step)
            stirred = state[live]
            _stir(stirred, words[np.minimum(at[live] + step, last[live])])
            state[live] = stirred
        out[begin:stop] = np.where(length > 0, np.maximum(mix(state), np.uint64(1)), np.uint64(0))

    at_once(threads, *(partial(job, begin) for begin in range(0, len(array), _BLOCK)))
    return out


def _stir(state: Words, word: Words) -> None:
    """Take one more word in, in place; `mix` spreads the end result."""
    state ^= word
    state *= _STIR
    state ^= state >> np.uint64(32)


def _eight_bytes(words: Words, offsets: Ints, step: int, rows: Ints) -> Words:
    """The bytes of these texts from byte `step` on, as a word that sorts as they do; 0 past the end."""
    left = np.clip(offsets[rows + 1] - offsets[rows] - step, 0, 8)
    at = np.where(left > 0, offsets[rows] + step, 0)
    spare = (8 - left).astype(np.uint64) << np.uint64(3)
    word = np.where(left > 0, words[at] & (_ALL_ONES >> spare), np.uint64(0))
    return word.byteswap()


class Texts:
    """One text column of one side, in the order of its table; hashes are made once, on demand."""

    def __init__(self, column: pa.ChunkedArray | pa.Array, threads: int = 1) -> None:
        self.array = texts(column)
        self._threads = threads

    def at(self, rows: Ints) -> pa.LargeStringArray:
        """The texts of these rows."""
        return self.array.take(pa.array(rows))

    @cached_property
    def hashes(self) -> Words:
        """A hash for each row; 0 where there is no text."""
        return hashes(self.array, self._threads)

    def sort_keys(self) -> Iterator[Callable[[Ints], Words]]:
        """Functions from rows to words to sort by, one after the other: in byte order, or far behind in any order."""
        offsets, data = buffers(self.array)
        longest = int((offsets[1:] - offsets[:-1]).max(initial=0))
        if longest:
            words, base = _words(data, int(offsets[0]), int(offsets[-1]))
            for step in range(0, min(longest, _SORTED_BYTES), 8):
                yield partial(_eight_bytes, words, offsets - base, step)
        if longest > _SORTED_BYTES:
            yield lambda rows: self.hashes[rows]

    @cached_property
    def shapes(self) -> Ints:
        """Length and first byte of each text, 0 for no text: what tells most foreign ids apart at once."""
        offsets, data = buffers(self.array)
        length = np.minimum(offsets[1:] - offsets[:-1], _LONGEST_SHAPE)
        if not len(data):
            return np.zeros(len(length), np.int64)
        first = data[np.minimum(offsets[:-1], len(data) - 1)]
        return np.where(length > 0, (length << 8) | first, 0)

    @cached_property
    def has_shape(self) -> Flags:
        """Which shapes occur, no text aside."""
        occurs = np.zeros(_SHAPES, np.bool_)
        occurs[self.shapes] = True
        occurs[0] = False
        return occurs


def begins_with_word(array: pa.LargeStringArray) -> Flags:
    """Whether each text begins with an ASCII letter or digit."""
    offsets, data = buffers(array)
    if not len(data):
        return np.zeros(len(array), np.bool_)
    first = data[np.minimum(offsets[:-1], len(data) - 1)]
    result: Flags = _IS_WORD[first] & (offsets[1:] > offsets[:-1])
    return result


def same_bytes(one: pa.LargeStringArray, other: pa.LargeStringArray) -> Flags:
    """Whether texts are equal pair by pair, byte for byte: what a hash suggested, proved."""
    result: Flags = pc.equal(one, other).to_numpy(zero_copy_only=False)
    return result
