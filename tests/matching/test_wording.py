"""What two texts have in common, word by word."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from recon.matching.wording import in_common, plain_forms, word_tables

CROWD = ["kwame gomes rent", "rosa gomes rent", "carl botha rent", "dana venter rent"] * 50


def common(one: str, other: str, *, numbers: bool = False) -> tuple[float, int, bool]:
    """(what the words in common tell, how many are missing, whether a text says nothing) of two texts in a crowd."""
    texts = [pa.array(plain_forms(pa.array([text, *CROWD], pa.large_string()))) for text in (one, other)]
    tables = word_tables(texts[0], texts[1], numbers=numbers)
    found = in_common(*tables, np.array([0]), np.array([0]), 1)
    return float(found.told[0]), int(found.missed[0]), bool(found.is_silent[0])


def test_a_rare_word_in_common_tells_more_than_a_common_one() -> None:
    assert common("zimmermann", "ZIMMERMANN")[0] > common("gomes", "GOMES")[0] > common("rent", "RENT")[0] > 0


def test_a_whole_word_tells_more_than_its_beginning_and_that_more_than_an_initial() -> None:
    tells = [common("kwame", other)[0] for other in ("kwame", "kwa", "k")]
    assert tells == sorted(tells, reverse=True)
    assert tells[2] > 0


@pytest.mark.parametrize(
    ("one", "other", "missed"),
    [
        ("Consulting services 4411", "CONSULT SERV", 0),
        ("Consulting services", "CONSULT SVCS", 1),
        ("kwame gomes", "rosa botha", 2),
        ("Überweisung Müller", "müller überw", 0),
    ],
)
def test_words_of_the_shorter_text_are_looked_for_in_the_longer(one: str, other: str, missed: int) -> None:
    assert common(one, other)[1] == common(other, one)[1] == missed


def test_numbers_stand_apart_from_words() -> None:
    assert common("invoice 4411", "rent 4411")[0] == 0
    assert common("invoice 4411", "rent 4411", numbers=True)[0] > 5
    assert common("invoice 4411", "invoice 4412", numbers=True)[:2] == (0, 1)


def test_a_long_number_is_the_same_only_as_a_whole() -> None:
    assert common("20260302118", "20260302118", numbers=True)[0] > 5
    assert common("20260302118", "20260302119", numbers=True)[0] == 0


def test_a_text_without_words_says_nothing() -> None:
    assert common("kwame", "")[2]
    assert common("kwame", "4411")[2]
    assert common("kwame", "4411", numbers=True)[2]


def test_either_side_may_be_the_source() -> None:
    assert common("kwame gomes rent 12", "K GOMES RE")[0] == common("K GOMES RE", "kwame gomes rent 12")[0]
