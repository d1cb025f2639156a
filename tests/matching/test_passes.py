"""The engine runs the passes the rules name, in the order they name them, and no other."""

from __future__ import annotations

from recon.matching import match
from recon.matching.passes import PASSES
from recon.model.rules import ALL_PASSES, PassName, Rules
from tests.matching.builders import pairs, table

SOURCE = table(
    """
    S1  2026-03-02  50.00 USD  Acme rent   ref=A
    S2  2026-03-02  70.00 USD  Beta goods
    S3  2026-03-02  90.00 USD  Gamma seat
    S4  2026-03-02  95.00 USD  -
    S5  2026-03-02  11.00 USD  Ann  group=po_1
    S6  2026-03-02  -4.00 USD  Bob  group=po_1
    """
)
REFERENCE = table(
    """
    R1  2026-03-02  51.00 USD  Else wholly  ref=A
    R2  2026-03-02  70.00 USD  Beta goods
    R3  2026-03-03  90.00 USD  Gamma seat
    R4  2026-03-03  95.00 USD  Delta
    R5  2026-03-09   7.00 USD  Payout  ref=po_1
    """
)


def test_every_pass_that_rules_may_name_is_one_the_engine_has_in_the_same_order() -> None:
    assert tuple(name for name, _ in PASSES) == ALL_PASSES


def test_each_pass_finds_what_is_its_own() -> None:
    found = {
        PassName.IDENTITY: "S1=R1 identity -100",
        PassName.GROUPS: "S5=R5 groups",
        PassName.EXACT: "S2=R2 exact",
        PassName.SCORED: "S3=R3 scored",
        PassName.LEFTOVERS: "S4?R4 scored",
    }
    assert pairs(SOURCE, REFERENCE) == sorted([*found.values(), "S6=R5 groups"])
    tested_elsewhere = {PassName.FEES, PassName.FX, PassName.NETTING, PassName.SUMS}
    assert {*found} | tested_elsewhere == {*ALL_PASSES}
    for name, one in found.items():
        passes = tuple(other for other in ALL_PASSES if other is not name)
        assert set(pairs(SOURCE, REFERENCE, Rules(passes=passes))) & {one} == set()


def test_only_the_passes_of_the_rules_run_and_in_their_order() -> None:
    rules = Rules(passes=(PassName.SCORED, PassName.IDENTITY))
    stages = [name for name in match(SOURCE, REFERENCE, rules).seconds if name in ALL_PASSES]
    assert stages == ["scored", "identity"]


def test_the_pass_that_comes_first_has_the_first_choice() -> None:
    source = table("S1  2026-03-02  50.00 USD  Acme rent  ref=A")
    reference = table("R1  2026-03-02  55.00 USD  Other words  ref=A\nR2  2026-03-02  50.00 USD  Acme rent")
    assert pairs(source, reference) == ["S1=R1 identity -500"]
    turned = Rules(passes=(PassName.EXACT, PassName.IDENTITY))
    assert pairs(source, reference, turned) == ["S1=R2 exact"]
