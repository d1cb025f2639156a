"""What two texts have in common word by word, which survives it when a bank cuts, abbreviates and capitalises.

Two words are *related* where one begins with the other: CONSULT and consulting, K and Kwame, SERV cut from services. A
word in common tells as much as it is rare: -ln of the share of other rows, of both sides, that have this word, or one
beginning so; where there are few rows, how long it is decides. The words of the shorter text are looked for in the
longer one. Words with a digit are numbers, and stand apart.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from rapidfuzz.utils import default_process

from recon.matching.arrays import Flags, Floats, Ints, Words, mix, run_starts, spans
from recon.matching.board import Board
from recon.matching.strings import hashes, texts

Forms = NDArray[Any]
"""Texts (str) in plain form."""

MOST_WORDS: Final = 8
"""Words of a text that are looked at, the first ones; and as many numbers."""
_LETTERS: Final = 8
"""Bytes of a word that are looked at; of a longer number all, or none."""
_BLOCK: Final = 1 << 15
_LEAST_TOLD: Final = 0.01
_ASSUMED_ROWS: Final = 200.0
"""Rows that the general idea of how rare a word is counts for."""
_LETTER, _DIGIT = 1.2, 2.3
"""What each letter, or digit, of a word tells by that idea."""

LETTER_MASKS: Final = np.array([(1 << 64) - (1 << (64 - 8 * size)) for size in range(9)], np.uint64)
"""The first `size` bytes of a word as ones, by size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordTable:
    """The words of the rows of one side, as (places x rows): the first letters as a number, and how many; 0: no word.

    `begun` and `whole`: what it tells, in nats, to have a word that begins so in common, or this very word.
    `text_size` and `text_hash` say which text is the shorter.
    """

    code: Words
    size: NDArray[np.uint8]
    begun: Floats
    whole: Floats
    text_size: Ints
    text_hash: Words

    def pick(self, rows: Ints) -> WordTable:
        """Of these rows alone."""
        return WordTable(
            code=self.code[:, rows],
            size=self.size[:, rows],
            begun=self.begun[:, rows],
            whole=self.whole[:, rows],
            text_size=self.text_size[rows],
            text_hash=self.text_hash[rows],
        )

    @property
    def has_words(self) -> Flags:
        """Rows with any word."""
        result: Flags = np.any(self.size > 0, axis=0)
        return result


def word_tables(source: pa.Array, reference: pa.Array, *, numbers: bool) -> tuple[WordTable, WordTable]:
    """The words, or the numbers, of plain texts (words with one blank between them), one a row, of both sides."""
    cut = [_cut(texts(column), numbers) for column in (source, reference)]
    parts = [(code[size > 0], size[size > 0]) for code, size in cut]
    codes, sizes = (np.concatenate(column) for column in zip(*parts, strict=True))
    begun, whole = _told(codes, sizes, len(source) + len(reference), _DIGIT if numbers else _LETTER)
    tables = []
    begin = 0
    for column, (code, size) in zip((source, reference), cut, strict=True):
        end = begin + int(np.count_nonzero(size))
        plain = texts(column)
        tables.append(
            WordTable(
                code=code,
                size=size,
                begun=_placed(begun[begin:end], size),
                whole=_placed(whole[begin:end], size),
                text_size=pc.binary_length(plain).to_numpy(zero_copy_only=False).astype(np.int64),
                text_hash=hashes(plain),
            )
        )
        begin = end
    return tables[0], tables[1]


def _cut(plain: pa.LargeStringArray, numbers: bool) -> tuple[Words, NDArray[np.uint8]]:
    """(codes, sizes) of the words of each text, (places x rows)."""
    lists = pc.split_pattern(plain, " ")
    words = texts(lists.flatten())
    row = np.repeat(np.arange(len(plain)), pc.list_value_length(lists).to_numpy(zero_copy_only=False))
    length = pc.binary_length(words).to_numpy(zero_copy_only=False).astype(np.int64)
    has_digit = pc.match_substring_regex(words, "[0-9]").to_numpy(zero_copy_only=False)
    at = np.flatnonzero((length > 0) & (has_digit == numbers))
    start = run_starts(row[at])
    place = spans(np.zeros(len(start), np.int64), np.diff(start, append=len(at)))
    at, place = at[place < MOST_WORDS], place[place < MOST_WORDS]
    size = np.minimum(length[at], _LETTERS)
    code = _first_letters(words, at) & LETTER_MASKS[size]
    if numbers:
        long = length[at] > _LETTERS
        code[long] = mix(hashes(words.take(pa.array(at[long]))))
    shape = (int(place.max(initial=0)) + 1, len(plain))
    codes, sizes = np.zeros(shape, np.uint64), np.zeros(shape, np.uint8)
    codes[place, row[at]], sizes[place, row[at]] = code, size
    return codes, sizes


def _first_letters(words: pa.LargeStringArray, at: Ints) -> Words:
    """The first eight bytes of each word and what follows, the first byte the highest."""
    _, offset_buffer, byte_buffer = words.buffers()
    offsets = np.frombuffer(offset_buffer, np.int64, len(words) + 1, words.offset * 8)
    data = np.frombuffer(byte_buffer, np.uint8) if byte_buffer is not None else np.zeros(0, np.uint8)
    data = np.concatenate([data, np.zeros(8, np.uint8)])
    result: Words = np.ndarray((len(data) - 7,), np.dtype(">u8"), data, 0, (1,))[offsets[at]].astype(np.uint64)
    return result


def _placed(values: Floats, size: NDArray[np.uint8]) -> Floats:
    """The values of the words of a table, in their places."""
    placed = np.zeros(size.shape, np.float32)
    placed[size > 0] = values
    return placed


def _told(code: Words, size: NDArray[np.uint8], row_count: int, each: float) -> tuple[Floats, Floats]:
    """For each word, -ln of the share of rows that have one beginning with it, and of those that have it itself.

    One pair of rows that has it is left out, so that a word of theirs alone is as rare as can be.
    """
    ordered = np.sort(code)
    first = np.searchsorted(ordered, code, "left")
    assumed = _ASSUMED_ROWS * np.exp(-each * size)
    found = []
    for last in (code | ~LETTER_MASKS[size], code):
        among = np.searchsorted(ordered, last, "right") - first
        share = (np.maximum(among - 2, 0) + assumed) / (row_count + _ASSUMED_ROWS)
        found.append(np.maximum(-np.log(share), _LEAST_TOLD).astype(np.float32))
    return found[0], found[1]


class Wording:
    """The words of descriptions, the numbers in them, and the words of counterparties, of these ranks of both sides."""

    def __init__(self, board: Board, source: Ints, reference: Ints) -> None:
        self.ranks, self._threads = (source, reference), board.threads
        sides = (board.source, source), (board.reference, reference)
        self.forms = [plain_forms(side.texts_at(ranks)) for side, ranks in sides]
        plain = [pa.array(forms, pa.large_string()) for forms in self.forms]
        party = [
            pa.array(plain_forms(texts(side.party.take(pa.array(side.row[ranks])))), pa.large_string())
            for side, ranks in sides
        ]
        self.words = word_tables(plain[0], plain[1], numbers=False)
        self.numbers = word_tables(plain[0], plain[1], numbers=True)
        self._parties = word_tables(party[0], party[1], numbers=False)

    def in_common(self, source: Ints, reference: Ints) -> tuple[InCommon, InCommon, InCommon]:
        """What each pair of ranks has in common in words, numbers and counterparty."""
        one, other = np.searchsorted(self.ranks[0], source), np.searchsorted(self.ranks[1], reference)
        tables = self.words, self.numbers, self._parties
        words, numbers, parties = (in_common(*table, one, other, self._threads) for table in tables)
        return words, numbers, parties


def plain_forms(column: pa.LargeStringArray) -> Forms:
    """Texts in lower case, letters and digits only, words in their own order; each distinct text once."""
    encoded = column.dictionary_encode()
    distinct = np.empty(len(encoded.dictionary), dtype=object)
    distinct[:] = [" ".join(default_process(text).split()) for text in encoded.dictionary.to_pylist()]
    result: Forms = distinct[encoded.indices.to_numpy(zero_copy_only=False)]
    return result


@dataclass(frozen=True, slots=True, kw_only=True)
class InCommon:
    """Of each pair: what its words in common tell, in nats, and how many of the shorter text the longer one lacks.
    `is_silent`: a text has no words."""

    told: Floats
    missed: Ints
    is_silent: Flags


def in_common(source: WordTable, reference: WordTable, one: Ints, other: Ints, threads: int) -> InCommon:
    """What the texts of rows one[i] of the source and other[i] of the reference have in common."""
    told, missed = np.zeros(len(one), np.float32), np.zeros(len(one), np.int64)

    def job(begin: int) -> None:
        mine, theirs = one[begin : begin + _BLOCK], other[begin : begin + _BLOCK]
        size, other_size = source.text_size[mine], reference.text_size[theirs]
        shorter = (size < other_size) | ((size == other_size) & (source.text_hash[mine] <= reference.text_hash[theirs]))
        for at, (short, a), (long, b) in (
            (np.flatnonzero(shorter), (source, mine), (reference, theirs)),
            (np.flatnonzero(~shorter), (reference, theirs), (source, mine)),
        ):
            told[begin + at], missed[begin + at] = _found(short, a[at], long, b[at])

    starts = range(0, len(one), _BLOCK)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(job, starts))
    is_silent = ~source.has_words[one] | ~reference.has_words[other]
    return InCommon(told=told, missed=missed, is_silent=is_silent)


def _found(short: WordTable, a: Ints, long: WordTable, b: Ints) -> tuple[Floats, Ints]:
    """(what the words found tell, how many are not found)."""
    told, missed = np.zeros(len(a), np.float32), np.zeros(len(a), np.int64)
    columns = zip(long.code, long.size, long.begun, strict=True)
    theirs = [(code[b], LETTER_MASKS[size[b]], begun[b]) for code, size, begun in columns]
    for code, size, begun, whole in zip(short.code, short.size, short.begun, short.whole, strict=True):
        own, mask, own_begun, own_whole = code[a], LETTER_MASKS[size[a]], begun[a], whole[a]
        best = np.zeros(len(a), np.float32)
        for other, other_mask, other_begun in theirs:
            both = mask & other_mask
            related = (((own ^ other) & both) == 0) & (both != 0)
            tells = np.where(own == other, own_whole, np.minimum(own_begun, other_begun))
            np.maximum(best, tells, out=best, where=related)
        told += best
        missed += (mask != 0) & (best == 0)
    return told, missed
