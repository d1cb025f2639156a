"""Texts as numbers: hashes and token signatures straight from Arrow buffers, and the form similarity is measured on.

A value depends on the bytes of its text alone: the same on every machine, in any order, chunking or thread count.
"No text" (null or empty) is always 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from rapidfuzz import utils

from recon.matching.arrays import Flags, Ints, Words, mix

_BLOCK: Final = 1 << 15
_TOKEN_BLOCK: Final = 1 << 14
_ALL_ONES: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
_STIR: Final = np.uint64(0x9E3779B97F4A7C15)
_SORTED_BYTES: Final = 64
_LONGEST_SHAPE: Final = 255
_SHAPES: Final = (_LONGEST_SHAPE + 1) << 8
_LONG_NUMBER: Final = 4
"""Digits from which a number in a text tells payments apart (an invoice number, not a day)."""


def texts(column: pa.ChunkedArray | pa.Array) -> pa.LargeStringArray:
    """One contiguous array of 64-bit offsets, null as empty: the shape the functions here read."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if not pa.types.is_large_string(array.type):
        array = array.cast(pa.large_string())
    return pc.fill_null(array, "") if array.null_count else array


def _buffers(array: pa.LargeStringArray) -> tuple[Ints, NDArray[np.uint8]]:
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


def _run(job: Callable[[int], None], starts: Iterable[int], threads: int) -> None:
    """Each block once; numpy lets go of the interpreter inside a block."""
    if threads > 1:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(job, starts))
    else:
        for start in starts:
            job(start)


def hashes(array: pa.LargeStringArray, threads: int = 1) -> Words:
    """A 64-bit hash for each text, eight bytes a step over whole blocks; 0 where there is no text."""
    out = np.zeros(len(array), np.uint64)
    if not len(array):
        return out
    offsets, data = _buffers(array)

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

    _run(job, range(0, len(array), _BLOCK), threads)
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
        offsets, data = _buffers(self.array)
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
        offsets, data = _buffers(self.array)
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


def same_bytes(one: pa.LargeStringArray, other: pa.LargeStringArray) -> Flags:
    """Whether texts are equal pair by pair, byte for byte: what a hash suggested, proved."""
    result: Flags = pc.equal(one, other).to_numpy(zero_copy_only=False)
    return result


def _token_bytes() -> NDArray[np.uint8]:
    """Byte -> its lower-case form inside a token, 0 between tokens. Multi-byte characters keep their bytes."""
    table = np.zeros(256, np.uint8)
    for code in b"abcdefghijklmnopqrstuvwxyz0123456789":
        table[code] = code
    for code in b"ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        table[code] = code + 32
    table[128:] = np.arange(128, 256)
    return table


_TOKEN_BYTE: Final = _token_bytes()
_PLACE_WORDS: Final = (
    np.random.Generator(np.random.PCG64(20250101)).integers(0, 2**64, (32, 256), dtype=np.uint64).ravel()
)
"""A fixed random word for each (place in the token, byte): a token's hash is their sum."""


def token_signatures(array: pa.LargeStringArray, threads: int = 1) -> tuple[Words, Words]:
    """For each text, a hash of its tokens in any order and letter case, and one of its long numbers; 0 where none."""
    tokens, numbers = np.zeros(len(array), np.uint64), np.zeros(len(array), np.uint64)
    if not len(array):
        return tokens, numbers
    offsets, data = _buffers(array)

    def job(begin: int) -> None:
        stop = min(len(array), begin + _TOKEN_BLOCK)
        at = offsets[begin : stop + 1] - offsets[begin]
        block = _TOKEN_BYTE[data[offsets[begin] : offsets[stop]]]
        if block.any():
            tokens[begin:stop], numbers[begin:stop] = _block_signatures(block, at)

    _run(job, range(0, len(array), _TOKEN_BLOCK), threads)
    return tokens, numbers


def _block_signatures(block: NDArray[np.uint8], at: Ints) -> tuple[Words, Words]:
    """The two signatures of the texts of one block; `block` is already mapped by _TOKEN_BYTE."""
    inside = block != 0
    first_of_text = np.zeros(len(block) + 1, np.bool_)
    first_of_text[at] = True
    begins = inside.copy()
    begins[1:] &= ~inside[:-1] | first_of_text[1:-1]
    token_at = np.flatnonzero(begins)
    token_of_byte = np.maximum(np.cumsum(begins, dtype=np.int32) - 1, 0)
    place = np.minimum(np.arange(len(block), dtype=np.int32) - token_at.astype(np.int32)[token_of_byte], 31)
    place[~inside] = 0
    word = np.where(inside, _PLACE_WORDS[(place.astype(np.int64) << 8) + block], np.uint64(0))
    token_hash = mix(np.add.reduceat(word, token_at))
    is_digit = (block >= ord("0")) & (block <= ord("9"))
    digit_count = np.add.reduceat(is_digit, token_at, dtype=np.int64)
    length = np.add.reduceat(inside, token_at, dtype=np.int64)
    number_hash = np.where((digit_count == length) & (length >= _LONG_NUMBER), token_hash, np.uint64(0))
    tokens_before = np.zeros(len(block) + 1, np.int64)
    np.cumsum(begins, out=tokens_before[1:])
    begin, end = tokens_before[at[:-1]], tokens_before[at[1:]]
    return _range_sums(token_hash, begin, end), _range_sums(number_hash, begin, end)


def _range_sums(values: Words, begin: Ints, end: Ints) -> Words:
    """Sum of values[begin:end] for each range, modulo 2**64 (order inside a range does not matter)."""
    total = np.zeros(len(values) + 1, np.uint64)
    np.cumsum(values, out=total[1:])
    return total[end] - total[begin]


def normal_form(text: str) -> str:
    """Lower case, letters and digits only, tokens sorted: `ratio` of two such is rapidfuzz's `token_sort_ratio`."""
    return " ".join(sorted(utils.default_process(text).split()))


_UNKNOWN: Final = "?"
"""Not a normal form: those are letters and digits."""


class NormalForms:
    """Normal forms of one side's texts, each row and each distinct text made once, on demand."""

    def __init__(self, text: Texts, row: Ints) -> None:
        """Of the texts of these rows, named by their rank in `row`."""
        self._text, self._row = text, row
        self._known: NDArray[Any] = np.full(len(row), _UNKNOWN, dtype=object)

    def at(self, ranks: Ints) -> NDArray[Any]:
        """Normal forms (str) of these ranks, as an object array."""
        forms = self._known[ranks]
        missing = np.flatnonzero(forms == _UNKNOWN)
        if len(missing):
            wanted = ranks[missing]
            encoded = self._text.at(self._row[wanted]).dictionary_encode()
            distinct = np.empty(len(encoded.dictionary), dtype=object)
            distinct[:] = [normal_form(text) for text in encoded.dictionary.to_pylist()]
            forms[missing] = self._known[wanted] = distinct[encoded.indices.to_numpy(zero_copy_only=False)]
        return forms
