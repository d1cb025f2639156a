"""`match` writes what it found whole or not at all, names physical lines, and asks by side."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from recon.demo import DemoFiles
from tests.cli.conftest import Command

CsvFile = Callable[..., Path]
HEADER = "date,description,amount,currency"
FILES = {"matches.csv", "discrepancies.csv", "summary.json"}


@pytest.fixture
def pair(csv_file: CsvFile) -> tuple[Path, Path]:
    source = csv_file(
        "source.csv",
        HEADER,
        "2026-03-13,Office chairs,100.00,EUR",
        "2026-03-13,=cmd(),7.00,EUR",
        "2026-03-14,Rent March,-900.00,EUR",
    )
    reference = csv_file(
        "reference.csv", HEADER, "2026-03-14,Rent March,-900.00,EUR", "2026-03-13,Office chairs,100.25,EUR"
    )
    return source, reference


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_files_hold_lines_amounts_and_reasons(
    tieout: Command, pair: tuple[Path, Path], csv_file: CsvFile, tmp_path: Path
) -> None:
    rules = csv_file("r.toml", "amount_tolerance_minor = 50")
    ended = tieout("match", *pair, "--rules", rules, "--out", tmp_path / "out")
    assert ended.status == 0, ended.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES
    matches = _rows(tmp_path / "out" / "matches.csv")
    assert [(row["source_line"], row["reference_line"], row["status"], row["amount_delta"]) for row in matches] == [
        ("2", "3", "matched", "-0.25"),
        ("4", "2", "matched", "0.00"),
    ]
    found = _rows(tmp_path / "out" / "discrepancies.csv")
    assert [(row["kind"], row["side"], row["line"], row["amount"]) for row in found] == [
        ("amount_mismatch", "source", "2", "-0.25"),
        ("missing_in_reference", "source", "3", "7.00"),
    ]
    assert found[1]["description"] == "'=cmd()"


def test_the_summary_is_what_json_prints_and_the_proof_adds_up(
    tieout: Command, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    ended = tieout("match", *pair, "--out", tmp_path / "out", "--json")
    told = ended.document
    assert told == json.loads((tmp_path / "out" / "summary.json").read_text())
    assert {"counts", "proof", "seconds", "source", "reference", "questions", "refused"} <= set(told)
    for line in told["proof"]:
        explained = sum((Decimal(part["amount"]) for part in line["by_kind"].values()), Decimal(0))
        assert Decimal(line["source_total"]) - Decimal(line["reference_total"]) == explained
        assert Decimal(line["unexplained"]) == 0
    listed = sum(Decimal(row["amount"]) for row in _rows(tmp_path / "out" / "discrepancies.csv"))
    assert listed == Decimal(told["proof"][0]["difference"])


def test_a_question_names_its_side_and_nothing_is_written(tieout: Command, csv_file: CsvFile, tmp_path: Path) -> None:
    source = csv_file("s.csv", HEADER, "03/04/2026,Rent,-900.00,EUR")
    reference = csv_file("r.csv", HEADER, "2026-04-03,Rent,-900.00,EUR")
    asked = tieout("match", source, reference, "--out", tmp_path / "out", "--json")
    (question,) = asked.document["questions"]
    assert (asked.status, question["code"]) == (3, "source.DAY_MONTH_ORDER")
    assert not (tmp_path / "out").exists()
    answered = tieout("match", source, reference, "--answer", f"{question['code']}=DMY", "--json")
    assert answered.status == 0
    assert answered.document["counts"]["matched"] == 1


def test_a_refused_file_ends_with_2_even_when_the_other_asks(
    tieout: Command, csv_file: CsvFile, tmp_path: Path
) -> None:
    source = csv_file("s.csv", HEADER, "03/04/2026,Rent,-900.00,EUR")
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    ended = tieout("match", source, empty, "--out", tmp_path / "out", "--json")
    assert ended.status == 2
    assert ended.document["refused"]["side"] == "reference"
    assert ended.document["refused"]["code"] == "FILE_EMPTY"
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_not_ours_is_left_alone(tieout: Command, pair: tuple[Path, Path], tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "cat.jpg").write_bytes(b"cat")
    ended = tieout("match", *pair, "--out", folder)
    assert ended.status == 2
    assert "holds something else than an earlier result" in ended.stderr
    assert [path.name for path in folder.iterdir()] == ["cat.jpg"]


def test_an_earlier_result_is_replaced_whole(tieout: Command, pair: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    assert tieout("match", *pair, "--out", out).status == 0
    assert tieout("match", *reversed(pair), "--out", out).status == 0
    assert json.loads((out / "summary.json").read_text())["source"]["file"] == "reference.csv"
    assert {path.name for path in out.parent.iterdir()} == {"out"}


def test_a_folder_that_cannot_be_made_leaves_nothing(tieout: Command, pair: tuple[Path, Path], tmp_path: Path) -> None:
    before = {path.name for path in tmp_path.iterdir()}
    ended = tieout("match", *pair, "--out", pair[0] / "out")
    assert ended.status == 2
    assert "cannot be written" in ended.stderr
    assert {path.name for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("amount_tolerance = 5", "Did you mean amount_tolerance_minor?"),
        ("days_after = -1", "Rule days_after: -1 is not a whole number from 0 to 366."),
        ("days_after = 1.5", "is not a whole number"),
        ('amount_tolerance_percent = "lots"', "is not a decimal number."),
        ("amount_tolerance_percent = 101", "is not between 0 and 100."),
        ("days_after =", "r.toml cannot be read"),
    ],
)
def test_wrong_rules_are_one_sentence(
    tieout: Command, pair: tuple[Path, Path], csv_file: CsvFile, line: str, sentence: str
) -> None:
    ended = tieout("match", *pair, "--rules", csv_file("r.toml", line))
    assert ended.status == 2
    assert sentence in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_percentage_is_read_exactly(tieout: Command, pair: tuple[Path, Path], csv_file: CsvFile) -> None:
    told = tieout("match", *pair, "--rules", csv_file("r.toml", "amount_tolerance_percent = 0.1"), "--json").document
    assert told["rules"]["amount_tolerance_percent"] == "0.1"


def test_settings_are_the_rules_of_a_match_without_any(
    tieout: Command, pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECON_AMOUNT_TOLERANCE_CENTS", "25")
    assert tieout("match", *pair, "--json").document["counts"]["by_kind"]["amount_mismatch"] == 1


@pytest.mark.parametrize("answer", ["DAY_MONTH_ORDER=DMY", "left.DAY_MONTH_ORDER=DMY", "source.=DMY"])
def test_an_answer_needs_a_side(tieout: Command, pair: tuple[Path, Path], answer: str) -> None:
    ended = tieout("match", *pair, "--answer", answer)
    assert ended.status == 2
    assert "source.CODE=CHOICE or reference.CODE=CHOICE" in ended.stderr


def test_what_is_most_likely_a_mistake_is_said(tieout: Command, pair: tuple[Path, Path], csv_file: CsvFile) -> None:
    assert tieout("match", pair[0], pair[0]).stderr == "Source and reference are the same file.\n"
    ended = tieout("match", pair[0], csv_file("empty.csv", HEADER), "--json")
    assert ended.stderr == "empty.csv has no rows: everything on the other side is missing here.\n"
    assert ended.document["counts"]["by_kind"]["missing_in_reference"] == 3


def test_on_screen_the_result_and_the_proof_are_shown(tieout: Command, sample: DemoFiles) -> None:
    ended = tieout("match", sample.gateway, sample.billing)
    assert ended.status == 0
    assert "missing_in_source" in ended.stdout
    assert "unexplained" in ended.stdout
