"""The catalogue: the seed's checks and ours, each under its category and books, explained here and in the README."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks import CHECKS
from checks.check import Check

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_check_says_what_must_hold_and_which_mistake_it_guards_against(check: Check[object]) -> None:
    line = check.line
    for sentence in (line.must_hold, line.guards_against, line.warns_when, line.fails_when):
        assert sentence[0].isupper()
        assert sentence.endswith(".")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_every_check_is_listed_in_the_readme(check: Check[object]) -> None:
    books = ", ".join(check.line.applies_to or check.line.books)
    assert f"| `{check.name}` | {check.line.category} | {books} | {check.line.must_hold} |" in README


def test_the_readme_lists_no_check_that_is_not_there() -> None:
    listed = [line.split("`")[1] for line in README.splitlines() if line.startswith("| `") and line.count("|") == 5]
    assert listed == [check.name for check in CHECKS]


def test_names_are_unique_and_in_the_order_of_categories() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert [check.line.category for check in CHECKS] == sorted(check.line.category for check in CHECKS)
