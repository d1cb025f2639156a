"""The head of a large file is something to look at: its first rows, or its first lines, or nothing at all."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from recon.ingest.head import HEAD_BYTES, Head, read_head
from recon.model.reading import Mapping

ROWS = "".join(f"2026-03-02,INV-{n:06d},{n}.00,EUR\n" for n in range(20_000)).encode()
TABLE = b"date,reference,amount,currency\n" + ROWS


def head_of(data: bytes, tmp_path: Path, filename: str = "big.csv", **answers: str) -> Head | None:
    path = tmp_path / "upload"
    path.write_bytes(data)
    return read_head(path, filename=filename, mapping=Mapping(answers=answers))


@pytest.mark.parametrize(("data", "filename"), [(TABLE, "big.csv"), (gzip.compress(TABLE), "big.csv.gz")])
def test_a_table_shows_its_columns_and_first_rows(data: bytes, filename: str, tmp_path: Path) -> None:
    assert len(TABLE) > 2 * HEAD_BYTES
    head = head_of(data, tmp_path, filename)
    assert head is not None
    assert head.columns == ("date", "reference", "amount", "currency")
    assert head.raw.slice(0, 1).to_pylist() == [
        {"line": 2, "date": "2026-03-02", "reference": "INV-000000", "amount": "0.00", "currency": "EUR"}
    ]


def test_what_is_no_table_so_far_shows_its_lines(tmp_path: Path) -> None:
    head = head_of(b":20:STMT1\r\n:25:DE89\r\n" * 9000, tmp_path, "bank.sta")
    assert head is not None
    assert head.columns == ()
    assert head.raw["Text"].to_pylist()[:2] == [":20:STMT1", ":25:DE89"]


def test_a_character_cut_in_two_by_the_end_of_the_head_hurts_nothing(tmp_path: Path) -> None:
    text = "date,reference,amount,currency\n" + "2026-03-02,Grüße,1.00,EUR\n" * 9000
    for extra in range(2):
        head = head_of(("x" * extra + text).encode(), tmp_path)
        assert head is not None
        assert head.raw.num_rows > 10


def test_what_shows_only_as_a_whole_has_no_head(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("big.csv", TABLE)
    for data in (packed.getvalue(), b"PAR1" + b"\x01" * 99, TABLE.decode().encode("utf-16")):
        assert head_of(data, tmp_path) is None
