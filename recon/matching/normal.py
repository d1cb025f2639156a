"""Normal forms: lower case, letters and digits only, words sorted. `ratio` of two is rapidfuzz's `token_sort_ratio`.

`normal_form` says what one is. Texts of plain ASCII are done by whole Arrow buffers, some thousand texts at a time:
bytes to tokens, tokens put in order by their first bytes, bytes gathered anew. The other texts, and the few whose
tokens their first bytes do not tell apart, are done one by one.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from rapidfuzz import utils

from recon.matching.arrays import Flags, Ints, Words, at_once
from recon.matching.strings import Texts, buffers, hashes

_LONG_NUMBER: Final = 4
"""Digits from which a number in a text tells payments apart (an invoice number, not a day)."""

_BLOCK: Final = 1 << 13
_MOST_TOKENS: Final = 16
_WORD: Final = 8
"""Bytes of a word. A token is sorted by one less; its place in the text stands below them."""
_ALL_ONES: Final = np.uint64(0xFFFFFFFFFFFFFFFF)


def normal_form(text: str) -> str:
    """The normal form of one text."""
    return " ".join(sorted(utils.default_process(text).split()))


def long_numbers(form: str) -> str:
    """The words of a normal form that are numbers of `_LONG_NUMBER` digits or more."""
    return " ".join(word for word in form.split() if len(word) >= _LONG_NUMBER and word.isascii() and word.isdigit())


def normal_forms(array: pa.LargeStringArray, threads: int = 1) -> tuple[pa.LargeStringArray, pa.LargeStringArray]:
    """(normal form, its long numbers) of each text; empty where there are none."""
    blocks = [array.slice(begin, _BLOCK) for begin in range(0, len(array), _BLOCK)]
    done = at_once(threads, *(partial(_block_forms, block) for block in blocks))
    none = pa.array([], pa.large_string())
    forms, numbers = (pa.concat_arrays([none, *(block[at] for block in done)]) for at in (0, 1))
    return forms, numbers


class NormalForms:
    """Normal forms of one side's texts by rank, each made once, on demand."""

    def __init__(self, text: Texts, row: Ints, threads: int = 1) -> None:
        """Of the texts of these rows, named by their rank in `row`."""
        self._text, self._row, self._threads = text, row, threads
        self._place = np.full(len(row), -1, np.int32)
        self._forms = self._numbers = pa.array([], pa.large_string())
        self._growing = threading.Lock()

    def texts(self, ranks: Ints) -> pa.LargeStringArray:
        """Normal forms of these ranks."""
        places = self._places(ranks)
        return self._forms.take(pa.array(places))

    def at(self, ranks: Ints) -> NDArray[Any]:
        """The same as an object array of str."""
        forms: NDArray[Any] = self.texts(ranks).to_numpy(zero_copy_only=False)
        return forms

    def signatures(self, ranks: Ints) -> tuple[Words, Words]:
        """Hashes of the normal form and of its long numbers, 0 for none."""
        places = pa.array(self._places(ranks))
        forms, numbers = self._forms.take(places), self._numbers.take(places)
        return hashes(forms, self._threads), hashes(numbers, self._threads)

    def _places(self, ranks: Ints) -> NDArray[np.int32]:
        """Where the forms of these ranks are kept. Several threads may ask at once, for different ranks."""
        missing = ranks[self._place[ranks] < 0]
        if len(missing):
            forms, numbers = normal_forms(self._text.at(self._row[missing]), self._threads)
            with self._growing:
                self._place[missing] = len(self._forms) + np.arange(len(missing), dtype=np.int32)
                self._forms = pa.concat_arrays([self._forms, forms])
                self._numbers = pa.concat_arrays([self._numbers, numbers])
        return self._place[ranks]


def _block_forms(array: pa.LargeStringArray) -> tuple[pa.LargeStringArray, pa.LargeStringArray]:
    tokens = _Tokens.of(array)
    in_order, odd = tokens.in_order()
    odd |= tokens.has_other_letters()
    forms, numbers = tokens.joined(in_order), tokens.joined(in_order[tokens.is_long_number()[in_order]])
    if not odd.any():
        return forms, numbers
    is_odd = pa.array(odd)
    one_by_one = [normal_form(text) for text in array.filter(is_odd).to_pylist()]
    their_numbers = [long_numbers(form) for form in one_by_one]
    return (
        pc.replace_with_mask(forms, is_odd, pa.array(one_by_one, pa.large_string())),
        pc.replace_with_mask(numbers, is_odd, pa.array(their_numbers, pa.large_string())),
    )


_NO_FLIP: Final = np.uint64(0)


def _lower_case() -> NDArray[np.uint8]:
    """Byte -> its lower-case form inside a token, 0 between tokens, _OTHER for what is not ASCII."""
    table = np.full(256, _OTHER, np.uint8)
    table[:128] = [ord(chr(code).lower()) if chr(code).isalnum() else 0 for code in range(128)]
    return table


_OTHER: Final = 255
_LOWER_CASE: Final = _lower_case()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tokens:
    """The tokens of a block of texts, in the order they stand.

    `data` holds the texts in lower case with 0 between tokens, before the first and after every text (`text_end`).
    A token is data[begin : begin + length]; `first` and `count` say which tokens a text has, `text` whose a token is.
    """

    data: NDArray[np.uint8]
    text_end: Ints
    first: Ints
    count: Ints
    text: Ints
    begin: Ints
    length: Ints

    @classmethod
    def of(cls, array: pa.LargeStringArray) -> _Tokens:
        offsets, raw = buffers(array)
        text_end = offsets[1:] - offsets[0] + np.arange(1, len(array) + 1)
        data = np.zeros(int(text_end[-1]) + 1 + _WORD, np.uint8)
        is_byte = np.ones(int(text_end[-1]), np.bool_)
        is_byte[text_end[:-1]] = is_byte[0] = False
        data[: len(is_byte)][is_byte] = _LOWER_CASE[raw[offsets[0] : offsets[-1]]]
        inside = data != 0
        edge = np.flatnonzero(inside[1:] != inside[:-1]) + 1
        begin, end = edge[0::2], edge[1::2]
        until = np.searchsorted(begin, text_end)
        count = np.diff(until, prepend=0)
        text = np.repeat(np.arange(len(array)), count)
        return cls(
            data=data, text_end=text_end, first=until - count, count=count, text=text, begin=begin, length=end - begin
        )

    def in_order(self) -> tuple[Ints, Flags]:
        """The tokens of each text in byte order, text after text, and the texts of which this order is not certain."""
        width = min(int(self.count.max(initial=0)), _MOST_TOKENS)
        place = np.arange(len(self.text)) - self.first[self.text]
        few = np.flatnonzero(place < width)
        lead = self._bytes(few, 0, _WORD - 1).byteswap() | place[few].astype(np.uint64)
        rows = np.full((len(self.count), width), _ALL_ONES)
        rows[self.text[few], place[few]] = lead
        rows.sort(axis=1)
        lead = rows[np.arange(width) < self.count[:, None]]
        text = self.text[few]
        order = self.first[text] + (lead & np.uint64(255)).astype(np.int64)
        alike = (lead[1:] >> np.uint64(8) == lead[:-1] >> np.uint64(8)) & (text[1:] == text[:-1])
        alike &= np.maximum(self.length[order[1:]], self.length[order[:-1]]) >= _WORD
        uncertain = self.count > width
        uncertain[text[1:][alike]] = True
        return order, uncertain

    def has_other_letters(self) -> Flags:
        """Texts that are not plain ASCII."""
        has = np.zeros(len(self.count), np.bool_)
        has[np.searchsorted(self.text_end, np.flatnonzero(self.data == _OTHER))] = True
        return has

    def is_long_number(self) -> Flags:
        """Tokens of nothing but _LONG_NUMBER digits or more. Of all bytes of tokens only digits are 0x30 to 0x3f."""
        is_number = self.length >= _LONG_NUMBER
        step = 0
        while len(live := np.flatnonzero(is_number & (self.length > step))):
            high_halves = self._bytes(live, step, _WORD, np.uint64(0x3030303030303030)) & np.uint64(0xF0F0F0F0F0F0F0F0)
            is_number[live] = high_halves == 0
            step += _WORD
        return is_number

    def joined(self, chosen: Ints) -> pa.LargeStringArray:
        """For each text, its chosen tokens with a space between; they stand in order of the texts."""
        text = self.text[chosen]
        is_last = np.ones(len(text), np.bool_)
        np.not_equal(text[1:], text[:-1], out=is_last[:-1])
        length = self.length[chosen] + ~is_last
        total = np.zeros(len(length) + 1, np.int64)
        np.cumsum(length, out=total[1:])
        at = np.repeat((self.begin[chosen] - total[:-1]).astype(np.int32), length)
        at += np.arange(len(at), dtype=np.int32)
        data = self.data[at]
        data[data == 0] = ord(" ")
        offsets = total[np.searchsorted(text, np.arange(len(self.count) + 1))]
        return pa.LargeStringArray.from_buffers(len(self.count), pa.py_buffer(offsets), pa.py_buffer(data))

    def _bytes(self, tokens: Ints, step: int, most: int, flip: np.uint64 = _NO_FLIP) -> Words:
        """Up to `most` bytes of these tokens from `step` on, less `flip`, in the order of memory; 0 past their end."""
        words = np.ndarray((len(self.data) - _WORD + 1,), np.dtype("<u8"), self.data, 0, (1,))
        missing = (_WORD - np.minimum(self.length[tokens] - step, most)).astype(np.uint64)
        result: Words = (words[self.begin[tokens] + step] ^ flip) & (_ALL_ONES >> (missing << np.uint64(3)))
        return result
