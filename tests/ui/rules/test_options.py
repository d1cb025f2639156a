"""Lines that are one pass's own rule: each that cannot be read is told; every option is kept in the URL."""

from __future__ import annotations

from recon.model.rules import PassName
from recon.ui.rules.options import OPTIONS, Lines, problems
from recon.ui.rules.rest import IN_URL

(RATES,) = (one for one in OPTIONS[PassName.FX] if isinstance(one, Lines))


def test_lines_that_can_be_read_have_no_problem() -> None:
    assert problems(RATES, "2026-01-01 EUR/USD 1.0842\n\n  2026-02-01 EUR/USD 1.09  \n") == ()
    assert problems(RATES, "") == ()


def test_each_line_that_cannot_be_read_is_told() -> None:
    told = problems(RATES, "a lot\n2026-01-01 EUR/USD 1.0842\n2026-01-01 EUR/XXY 2")
    assert [name for line in told for name in ("a lot", "XXY") if name in line] == ["a lot", "XXY"]


def test_of_many_the_first_are_told_and_the_others_counted() -> None:
    told = problems(RATES, "\n".join(["wrong"] * 9))
    assert len(told) == 6
    assert told[-1] == "4 more lines cannot be read."


def test_lines_that_contradict_each_other_are_told_together() -> None:
    (told,) = problems(RATES, "2026-01-01 EUR/USD 1.08\n2026-01-01 USD/EUR 0.92")
    assert "two rates of EUR and USD begin on 2026-01-01" in told


def test_every_option_is_kept_in_the_url_and_read_back_from_it() -> None:
    for own in (one for some in OPTIONS.values() for one in some):
        _, write, read = IN_URL[own.rule]
        if isinstance(own, Lines):
            value = own.read([own.example])
            assert read(write(value)) == value
            assert read(write(())) == ()
        else:
            assert read(write(own.most)) == own.most
