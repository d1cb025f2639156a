"""Rules and mappings as TOML: what is written is read back, and what is misspelt is told."""

from __future__ import annotations

from decimal import Decimal

import pytest

from recon.errors import NameUnknown, RulesInvalid, TomlInvalid
from recon.model.reading import Mapping
from recon.model.rules import PassName, Rules, Scoring
from recon.workflows.toml_text import format_rules, parse_mapping, parse_rules

RULES = Rules(
    amount_tolerance_minor=50,
    amount_tolerance_percent=Decimal("0.25"),
    days_before=0,
    days_after=3,
    description_threshold=72,
    scoring=Scoring.LEARNED,
    passes=(PassName.EXACT, PassName.IDENTITY, PassName.LEFTOVERS),
)


def test_rules_come_back_as_they_were_written() -> None:
    assert parse_rules(format_rules(RULES).encode(), Rules(), filename="rules.toml") == RULES


def test_what_a_file_does_not_say_stays_as_it_was() -> None:
    assert parse_rules(b"days_after = 9", RULES, filename="rules.toml").days_before == 0


def test_a_percentage_is_exact_however_it_is_written() -> None:
    for text in (b"amount_tolerance_percent = 0.1", b'amount_tolerance_percent = "0.1"'):
        assert parse_rules(text, Rules(), filename="rules.toml").amount_tolerance_percent == Decimal("0.1")


@pytest.mark.parametrize(
    ("content", "problem", "said"),
    [
        (b"days_aftr = 1", NameUnknown, "Did you mean days_after"),
        (b"days_after = 1\ndays_after = 2", TomlInvalid, "rules.toml cannot be read"),
        (b"\xff\xfe", TomlInvalid, "rules.toml cannot be read"),
        (b"days_after = 1.5", RulesInvalid, "whole number"),
        (b"days_after = true", RulesInvalid, "whole number"),
        (b"amount_tolerance_percent = nan", RulesInvalid, "between 0 and 100"),
        (b'amount_tolerance_percent = "lots"', RulesInvalid, "not a decimal number"),
        (b'passes = "exact"', RulesInvalid, "not a list of names"),
        (b'passes = ["exact", "exact"]', RulesInvalid, "names one twice"),
        (b'passes = ["exact", 1]', RulesInvalid, "1 is not one of identity"),
        (b'passes = ["leftovers", "exact"]', RulesInvalid, "comes last"),
    ],
)
def test_what_is_wrong_with_a_file_is_a_sentence(content: bytes, problem: type[Exception], said: str) -> None:
    with pytest.raises(problem, match=said):
        parse_rules(content, Rules(), filename="rules.toml")


def test_a_mapping_is_read_from_its_parts() -> None:
    content = b'header = ["Booked", "Betrag"]\n[roles]\ndate = "Booked"\n[answers]\nDAY_MONTH_ORDER = "DMY"\n'
    assert parse_mapping(content, filename="bank.toml") == Mapping(
        roles={"date": "Booked"}, answers={"DAY_MONTH_ORDER": "DMY"}, header=("Booked", "Betrag")
    )


def test_fee_schedules_are_lines_of_text_both_ways() -> None:
    text = b'fee_schedules = ["2026-01-01 USD 2.9 % + 0.30", "2026-01-01 EUR 1.4 %"]\nsubset_rows = 4\n'
    rules = parse_rules(text, Rules(), filename="rules.toml")
    assert [str(schedule) for schedule in rules.fee_schedules] == [
        "2026-01-01 EUR 1.4 %",
        "2026-01-01 USD 2.9 % + 0.30",
    ]
    assert parse_rules(format_rules(rules).encode(), Rules(), filename="again.toml") == rules
    assert Rules.from_dict(rules.as_dict()) == rules


def test_rates_are_lines_of_text_both_ways() -> None:
    text = b'fx_rates = ["2026-01-01 USD/JPY 150.1", "2026-01-01 EUR/USD 1.0842"]\nfx_tolerance_bps = 25\n'
    rules = parse_rules(text, Rules(), filename="rules.toml")
    assert [str(rate) for rate in rules.fx_rates] == ["2026-01-01 EUR/USD 1.0842", "2026-01-01 USD/JPY 150.1"]
    assert rules.fx_tolerance_bps == 25
    assert parse_rules(format_rules(rules).encode(), Rules(), filename="again.toml") == rules
    with pytest.raises(RulesInvalid, match="is not like 2026-01-01 EUR/USD"):
        parse_rules(b'fx_rates = ["EUR 1.08"]', Rules(), filename="rules.toml")
