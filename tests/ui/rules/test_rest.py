"""Every rule has its place: an input, the URL where it differs, and words for a change of it."""

from __future__ import annotations

from dataclasses import fields, replace

from recon.model.rules import PassName, Rules
from recon.ui.rules.differences import NAMES, differences
from recon.ui.rules.inputs import LABELS
from recon.ui.rules.rest import IN_URL

numbers = {field.name for field in fields(Rules) if isinstance(getattr(Rules(), field.name), int)}


def test_every_number_among_the_rules_has_an_input_that_is_kept_in_the_url() -> None:
    assert numbers <= {*LABELS, *IN_URL}


def test_every_number_among_the_rules_has_a_name_for_its_changes() -> None:
    assert numbers <= set(NAMES)


def test_a_pass_switched_off_and_a_new_order_are_told_apart() -> None:
    before = Rules(passes=(PassName.IDENTITY, PassName.EXACT, PassName.SCORED))
    off = replace(before, passes=(PassName.IDENTITY, PassName.SCORED))
    assert differences(before, off) == (("Same amount and date", "on", "off"),)
    assert differences(off, before) == (("Same amount and date", "off", "on"),)
    turned = replace(before, passes=(PassName.EXACT, PassName.IDENTITY, PassName.SCORED))
    assert differences(before, turned) == (("Order", "", "Same amount and date, Same reference, Best score"),)
