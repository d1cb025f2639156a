from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from recon.model.outcome import WORK, DiscrepancyKind
from recon.ui import format as fmt

NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)


def test_money_has_the_decimals_of_its_currency_and_a_real_minus() -> None:
    assert fmt.money(-123450, "EUR") == "−1,234.50 EUR"
    assert fmt.money(1234, "JPY") == "1,234 JPY"
    assert fmt.money(1234567, "KWD") == "1,234.567 KWD"
    assert fmt.figure(-5, "USD") == "−0.05"
    assert fmt.money(None, "USD") == "–"


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (0, "EUR", "0.00 EUR"),
        (999_999, "EUR", "9,999.99 EUR"),
        (1_000_000, "EUR", "10.0K EUR"),
        (123_456_789, "EUR", "1.23M EUR"),
        (-2_100_000_000, "USD", "−21.0M USD"),
        (815_000_000, "JPY", "815M JPY"),
    ],
)
def test_a_headline_amount_has_about_three_digits(amount: int, currency: str, text: str) -> None:
    assert fmt.compact_money(amount, currency) == text


def test_a_rate_is_100_percent_only_when_nothing_is_missing() -> None:
    assert fmt.percent(999_999, 1_000_000) == "99.99 %"
    assert fmt.percent(5, 5) == "100 %"
    assert fmt.percent(0, 5) == "0.00 %"
    assert fmt.percent(0, 0) == "–"
    assert fmt.percent(None, 5) == "–"


@pytest.mark.parametrize(
    "hostile",
    [
        "![x](http://evil/px.png)",
        "[click](http://evil)",
        ":red[alarm]",
        "$x^2$",
        "**bold** `code` <b>",
        "# heading",
        "&lt;script&gt;",
        "http://evil",
    ],
)
def test_text_from_a_file_shows_as_it_is_written(hostile: str) -> None:
    escaped = fmt.md(hostile)
    assert escaped.replace("\\", "").replace("\u2060", "") == hostile
    for special in "![]:$*`<#&":
        assert escaped.count(special) == escaped.count("\\" + special)


def test_an_address_in_a_file_is_text_and_no_link() -> None:
    for address in ("http://evil.example", "HTTPS://evil.example", "www.evil.example"):
        scheme, rest = fmt.md(address).split("\u2060")
        assert scheme + rest.replace("\\", "") == address


def test_invisible_characters_never_reach_the_page() -> None:
    assert fmt.plain("ACME\u202egpj.exe\u200b\nLtd\x00") == "ACME gpj.exe Ltd"
    assert fmt.clip("Hanseatic Freight GmbH", 12) == "Hanseatic F…"


def test_times_say_no_more_than_is_needed() -> None:
    assert fmt.when(datetime(2026, 11, 20, 6, 4, tzinfo=UTC), now=NOW) == "06:04"
    assert fmt.when(datetime(2026, 11, 9, 6, 4, tzinfo=UTC), now=NOW) == "9 Nov 06:04"
    assert fmt.when(datetime(2025, 11, 9, 6, 4, tzinfo=UTC), now=NOW) == "9 Nov 2025"
    assert fmt.instant(NOW) == "20 Nov 2026, 06:30 UTC"
    assert fmt.when(None, now=NOW) == "–"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.042, "42 ms"), (4.24, "4.2 s"), (12.3, "12 s"), (192, "3 min 12 s"), (7500, "2 h 05 min"), (None, "–")],
)
def test_durations_are_read_at_a_glance(seconds: float | None, text: str) -> None:
    assert fmt.duration(seconds) == text


def test_ages_counts_and_sizes_are_sentences_parts() -> None:
    assert fmt.age(date(2026, 11, 20), today=NOW.date()) == "today"
    assert fmt.age(date(2026, 11, 19), today=NOW.date()) == "1 day"
    assert fmt.age(date(2026, 11, 22), today=NOW.date()) == "in 2 days"
    assert fmt.counted(1, "discrepancy", "discrepancies") == "1 discrepancy"
    assert [fmt.compact(n) for n in (9_999, 10_000, 101_999)] == ["9,999", "10K", "101K"]
    assert fmt.counted(7195, "discrepancy", "discrepancies") == "7,195 discrepancies"
    assert fmt.size(1) == "1 byte"
    assert fmt.size(112_600_000) == "112.6 MB"


def test_every_kind_has_one_look_and_no_two_share_a_colour_in_a_chart() -> None:
    assert set(fmt.KINDS) == set(DiscrepancyKind)
    looks = [fmt.KINDS[kind] for kind in WORK]
    assert len({look.label for look in looks}) == len(looks)
    explained = {DiscrepancyKind.FEE, DiscrepancyKind.FX_CONVERSION}  # sums both, and of one colour
    assert len({fmt.KINDS[kind].slot for kind in explained}) == 1
    assert len({look.slot for look in looks}) == len(looks) - 1
    assert fmt.kind_label("rate_variance") == "Rate variance"


def test_of_several_names_the_first_stands_for_all() -> None:
    assert [fmt.first_of(names) for names in (("Ana",), ("Ana", "Ben", "Zoe"))] == ["Ana", "Ana +2"]
