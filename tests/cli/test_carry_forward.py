"""`run` carries forward unless it is told not to: what stays open lives on in the next run of the same name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Command

CsvFile = Callable[..., Path]
HEADER = "date,description,amount,currency"


@pytest.mark.usefixtures("stored")
def test_what_stays_open_is_cleared_by_the_next_files(tieout: Command, csv_file: CsvFile) -> None:
    march = (
        csv_file("s3.csv", HEADER, "2026-03-30,Rent,-900.00,EUR", "2026-03-30,Water,-70.00,EUR"),
        csv_file("r3.csv", HEADER, "2026-03-30,Water,-70.00,EUR"),
    )
    april = (
        csv_file("s4.csv", HEADER, "2026-04-13,Power,-50.00,EUR"),
        csv_file("r4.csv", HEADER, "2026-03-31,Rent,-900.00,EUR", "2026-04-13,Power,-50.00,EUR"),
    )
    settings = ("--name", "Bills", "--calendar", "DE", "--source-due", "2", "--json")
    first = tieout("run", "--source", march[0], "--reference", march[1], "--as-of", "2026-03-31", *settings).document
    assert (first["carried"]["carried"], first["carried"]["opened"]) == (0, 1)
    assert first["counts"]["by_kind"]["in_transit"] == 1
    assert first["counts"]["discrepancies"] == 0
    rest = ("--name", "Bills", "--as-of", "2026-04-15", "--json")
    second = tieout("run", "--source", april[0], "--reference", april[1], *rest).document
    assert (second["carried"]["carried"], second["carried"]["cleared"], second["carried"]["opened"]) == (1, 1, 0)
    assert second["carried"]["rows"]["source"]["row_count"] == 2
    again = tieout("run", "--source", april[0], "--reference", april[1], *rest).document
    assert (again["run_id"], again["cached"]) == (second["run_id"], True)


@pytest.mark.usefixtures("stored")
def test_switched_off_nothing_is_carried_then_or_later(tieout: Command, csv_file: CsvFile) -> None:
    source, reference = (csv_file(f"{name}.csv", HEADER, "2026-03-30,Rent,-900.00,EUR") for name in "sr")
    ended = tieout("run", "--source", source, "--reference", reference, "--no-carry-forward", "--json")
    assert ended.document["carried"] is None
    later = csv_file("r.csv", HEADER, "2026-03-31,Rent,-900.00,EUR")
    ended = tieout("run", "--source", source, "--reference", later, "--json")
    assert ended.document["carried"] is None


@pytest.mark.usefixtures("stored")
def test_corrected_files_take_the_place_of_the_run_they_correct(tieout: Command, csv_file: CsvFile) -> None:
    wrong = csv_file("s.csv", HEADER, "2026-03-30,Rent,-900.00,EUR")
    right = csv_file("t.csv", HEADER, "2026-03-30,Rent,-90.00,EUR")
    books = csv_file("r.csv", HEADER, "2026-03-30,Rent,-90.00,EUR")
    rest = ("--reference", books, "--name", "Bills", "--json")
    first = tieout("run", "--source", wrong, *rest).document
    assert first["carried"]["opened"] == 2
    second = tieout("run", "--source", right, *rest, "--corrects", str(first["run_id"])).document
    assert (second["counts"]["discrepancies"], second["carried"]["opened"]) == (0, 0)


@pytest.mark.usefixtures("stored")
def test_an_unknown_calendar_is_told(tieout: Command, csv_file: CsvFile) -> None:
    source, reference = (csv_file(f"{name}.csv", HEADER, "2026-03-30,Rent,-900.00,EUR") for name in "sr")
    ended = tieout("run", "--source", source, "--reference", reference, "--calendar", "QQ", "--json")
    assert ended.status != 0
    assert "QQ is not a holiday calendar we know" in ended.stdout + ended.stderr


@pytest.mark.usefixtures("stored")
def test_a_balance_that_does_not_follow_stops_the_run_until_it_is_accepted(tieout: Command, csv_file: CsvFile) -> None:
    header = "date,description,amount,balance,currency"
    march = csv_file("b3.csv", header, *(f"2026-03-{day:02d},Order,1.00,{day}.00,EUR" for day in (2, 3, 4)))
    april = csv_file("b4.csv", header, *(f"2026-04-{day:02d},Sale,1.00,{day}.00,EUR" for day in (2, 3, 4)))
    books = csv_file("books.csv", HEADER, "2026-03-30,Rent,10.00,EUR")
    rest = ("--reference", books, "--name", "Bank", "--json")
    assert tieout("run", "--source", march, *rest).status == 0
    stopped = tieout("run", "--source", april, *rest)
    assert stopped.status == 3
    (question,) = stopped.document["questions"]
    assert (question["code"], question["choices"]) == ("source.CONTINUITY", ["accept"])
    assert "b3.csv closes with 4.00 EUR" in question["text"]
    assert tieout("run", "--source", april, *rest, "--answer", "source.CONTINUITY=accept").status == 0
    assert tieout("run", "--source", april, *rest).document["cached"]
