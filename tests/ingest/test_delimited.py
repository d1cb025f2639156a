"""The fast reader and the careful one give the same rows and the same lines, whatever is in the file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.ingest.body import read_body
from recon.ingest.delimited import Dialect, physical_lines, read_delimited
from recon.ingest.fast_delimited import read_fast
from recon.ingest.grid import Grid

COMMA = Dialect(delimiter=",")

PIECES = st.sampled_from(
    ["a", "b c", ",", ",", "\n", "\n", "\r\n", "\r", '"', '""', '","', '"x"', "é", "\u2028", "\x0b", " ", "'", "#"]
)
PLAIN_CELLS = st.text(alphabet="ab ,é'\u2028", max_size=5)


def careful(text: str, width: int, first_line: int = 2) -> Grid:
    return read_delimited(physical_lines(text), COMMA, width, first_line, {})[0]


def same(fast: Grid, slow: Grid) -> bool:
    return (
        fast.lines.tolist() == slow.lines.tolist()
        and fast.cells.to_pylist() == slow.cells.to_pylist()
        and (fast.blank_count, fast.odd) == (slow.blank_count, slow.odd)
    )


@given(st.lists(PIECES, max_size=30).map("".join), st.integers(2, 4))
def test_where_the_fast_reader_answers_it_says_what_the_careful_one_says(text: str, width: int) -> None:
    fast = read_fast(text.encode(), COMMA, width, 2)
    if fast is not None:
        assert same(fast[0], careful(text, width))
        assert fast[1] == len(physical_lines(text))


@given(
    st.lists(st.tuples(PLAIN_CELLS, PLAIN_CELLS, st.booleans()), min_size=1, max_size=20),
    st.sampled_from(["\n", "\r\n"]),
)
def test_ordinary_files_take_the_fast_reader(rows: list[tuple[str, str, bool]], end: str) -> None:
    text = "".join(f'"{one}","{two}"{end}{end * is_blank_below}' for one, two, is_blank_below in rows)
    fast = read_fast(text.encode(), COMMA, 2, 2)
    assert fast is not None
    assert same(fast[0], careful(text, 2))
    assert fast[0].cells.to_pylist() == [{"0": one, "1": two} for one, two, _ in rows]


@given(st.lists(PIECES, max_size=40).map("".join), st.integers(1, 4))
def test_every_record_of_the_file_is_accounted_for_on_a_line_of_its_own(text: str, width: int) -> None:
    grid = careful(text, width, first_line=1)
    lines = [*grid.lines.tolist(), *(row.line for row in grid.odd)]
    assert len(set(lines)) == len(lines)
    assert all(1 <= line <= len(physical_lines(text)) for line in lines)
    assert grid.row_count <= len(physical_lines(text))


@pytest.mark.parametrize(
    "body",
    [
        b'a,b"c\n',  # a quote inside a cell
        b'a,"b\n',  # a quote that never closes
        b"a,b\rc,d\r",  # lone carriage returns
        b"a,b,c\n",  # a cell too many
        b"a\x00,b\n",  # a NUL byte
        b"a,b\n  \n",  # a line of blanks
    ],
)
def test_anything_odd_is_left_to_the_careful_reader(body: bytes) -> None:
    assert read_fast(body, COMMA, 2, 2) is None


@given(st.lists(PIECES, max_size=60).map("".join), st.integers(2, 4), st.integers(1, 20))
def test_blocks_of_any_size_give_what_one_reading_gives(text: str, width: int, size: int) -> None:
    blocks = read_body(text.encode(), COMMA, width, 2, {}, sizes=(4 * size, size))
    assert same(blocks, careful(text, width))


def test_a_line_that_does_not_decode_is_rejected_in_its_block() -> None:
    blocks = read_body(b"a,b\nc,d\ne,f\n", COMMA, 2, 2, {3: "no text"}, sizes=(4,))
    assert blocks.lines.tolist() == [2, 4]
    assert [(row.line, row.code) for row in blocks.odd] == [(3, "ROW_BAD_UNICODE")]


def test_an_open_quote_costs_its_own_record_only() -> None:
    grid = careful('a,"open\nb,c\n"d","e"\n', 2, first_line=1)
    assert [(row.line, row.code) for row in grid.odd] == [(1, "ROW_QUOTE")]
    assert grid.cells.to_pylist() == [{"0": "b", "1": "c"}, {"0": "d", "1": "e"}]


def test_many_open_quotes_are_read_in_one_go() -> None:
    text = "".join(f'{number},"open\n' for number in range(2001))
    grid = careful(text, 2, first_line=1)
    assert grid.row_count == 2001


def test_a_record_over_several_lines_is_on_its_first() -> None:
    grid = careful('a,"1\n2\r\n3"\nb,c\n', 2, first_line=10)
    assert grid.lines.tolist() == [10, 13]
    assert grid.cells.column(1).to_pylist() == ["1\n2\r\n3", "c"]
