"""A pack on paper: every letter is shown as it is, or by its code point; never as another letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest

from recon.model.close import ClosePack, Section
from recon.money import Money
from recon.report.close_document import write_close_document
from recon.report.document_text import is_whole, shown

AT = datetime(2026, 4, 2, 9, 12, tzinfo=UTC)


@pytest.mark.parametrize("text", ["Zoë Müller", "Žluťoučký kůň", "Ελληνικά", "Жанна Ґалаґан", "−1,234.50 €", "½ № → ✓"])
def test_european_letters_and_signs_are_shown_as_they_are(text: str) -> None:
    assert is_whole(text)
    assert shown(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("張偉 GmbH", "‹U+5F35 U+5049› GmbH"),
        ("سلام", "‹U+0633 U+0644 U+0627 U+0645›"),
        ("paid \U0001f600", "paid ‹U+1F600›"),
        ("100\u202e00", "100‹U+202E›00"),
        ("a\x00b\u200bc", "a‹U+0000›b‹U+200B›c"),
        ("漢" * 11, "‹" + " ".join(["U+6F22"] * 8) + " and 3 more›"),
    ],
)
def test_other_letters_are_shown_by_their_code_points(text: str, expected: str) -> None:
    assert not is_whole(text)
    assert shown(text) == expected


def test_an_accent_that_is_a_letter_of_its_own_is_composed() -> None:
    assert shown("Mu\u0308ller") == "Müller"


def test_a_document_embeds_its_font_and_the_same_contents_are_the_same_bytes() -> None:
    rows = tuple((f"Žluťoučký {number}", Money(amount=-number, currency="KWD")) for number in range(250))
    pack = ClosePack(
        title="Жанна 張偉: März",
        facts={"Why": "x" * 3_000, "Empty": ""},
        sections=(
            Section(title="Open items", columns=("Description", "Amount"), rows=rows),
            Section(title="Write-offs", columns=("By", "Amount"), rows=(), note="Nothing was written off."),
        ),
    )
    document = write_close_document(pack, at=AT)
    assert document.startswith(b"%PDF-")
    assert document.count(b"IBMPlexSans") >= 2
    assert document == write_close_document(pack, at=AT)


def test_a_cell_as_long_as_a_file_may_hold_fits_on_a_page() -> None:
    pack = ClosePack(title="T", facts={}, sections=(Section(title="S", columns=("A",), rows=(("漢" * 40_000,),)),))
    assert write_close_document(pack, at=AT).startswith(b"%PDF-")


def test_a_table_of_any_widths_fits_on_a_page() -> None:
    """Shares of a page, added up, can come to more than the page by the last bit."""
    chance = Random(8)
    sections = tuple(
        Section(
            title=f"{number}",
            columns=tuple(f"C{place}" for place in range(chance.randint(2, 8))),
            rows=(tuple("m" * chance.randint(1, 60) for _ in range(8)),),
        )
        for number in range(60)
    )
    fitted = tuple(replace(one, rows=tuple(row[: len(one.columns)] for row in one.rows)) for one in sections)
    assert write_close_document(ClosePack(title="T", facts={}, sections=fitted), at=AT)
