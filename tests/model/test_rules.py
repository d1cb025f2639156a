"""Rules as a value: what is refused, and the form they are stored in."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from recon.errors import RulesInvalid
from recon.model.rules import ALL_PASSES, PassName, Rules, Scoring

EVERYTHING = Rules(
    amount_tolerance_minor=50,
    amount_tolerance_percent=Decimal("0.25"),
    scoring=Scoring.LEARNED,
    passes=(PassName.EXACT, PassName.IDENTITY),
)


def test_rules_come_back_from_the_form_they_are_stored_in() -> None:
    for rules in (Rules(), EVERYTHING):
        assert Rules.from_dict(json.loads(json.dumps(rules.as_dict()))) == rules


def test_rules_stored_before_passes_could_be_chosen_run_them_all() -> None:
    stored = Rules().as_dict()
    del stored["passes"]
    assert Rules.from_dict(stored).passes == ALL_PASSES


@pytest.mark.parametrize(
    ("passes", "said"),
    [
        ([], "Switch at least one on"),
        (["exact", "exact"], "names one twice"),
        (["exakt"], "'exakt' is not one of identity"),
        (["leftovers", "exact"], "so it comes last"),
        ("exact", "is not a list of names"),
        ([1], "1 is not one of"),
    ],
)
def test_what_is_wrong_with_passes_is_a_sentence(passes: object, said: str) -> None:
    with pytest.raises(RulesInvalid, match=said):
        Rules.from_dict(Rules().as_dict() | {"passes": passes})
