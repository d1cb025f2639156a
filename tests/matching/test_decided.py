"""Decisions are replayed before the engine: they hold whatever it would have said, and the rest is as if alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.matching.decided import decided_rows
from recon.model.decisions import Decided, Decision, DecisionKind, Member
from recon.model.fingerprint import fingerprints
from recon.model.outcome import Outcome
from recon.model.rules import Rules
from recon.model.transactions import Side
from recon.workflows.reconcile import reconcile_tables
from tests.matching.builders import table
from tests.matching.test_laws import build, rules, side

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)

SOURCE = table("""
    S1  2026-03-02   50.00 USD  INV-9 Acme   ref=A
    S2  2026-03-02   20.00 USD  Beta
    S3  2026-03-03   30.00 USD  Gamma
    S4  2026-03-03  -30.00 USD  Gamma back
""")
REFERENCE = table("""
    R1  2026-03-02   50.00 USD  INV-9 Acme   ref=A
    R2  2026-03-09   49.00 USD  Beta and Gamma
    R3  2026-03-03   30.00 USD  Gamma
""")


def decision(kind: DecisionKind, *names: str, number: int = 1) -> Decision:
    """A decision about rows by the names in the drawing; `X9` is a row that no file has."""
    members = []
    for name in names:
        own, rows = (Side.SOURCE, SOURCE) if name.startswith("S") else (Side.REFERENCE, REFERENCE)
        at = rows["kind"].to_pylist().index(name) if name in rows["kind"].to_pylist() else None
        fingerprint = f"gone {name}" if at is None else fingerprints(rows)[at].as_py()
        amount = 1 if at is None else rows["amount"][at].as_py()
        members.append(Member(side=own, fingerprint=fingerprint, amount=amount, currency="USD"))
    return Decision(id=number, kind=kind, actor="ana", at=NOON, members=tuple(members))


def replayed(*decisions: Decision) -> Decided:
    return decided_rows(fingerprints(SOURCE), fingerprints(REFERENCE), decisions)


def outcome(*decisions: Decision) -> Outcome:
    return reconcile_tables(SOURCE, REFERENCE, Rules(), decided=replayed(*decisions))


def pairs(found: Outcome) -> list[str]:
    """`S1=R1 identity +20 #1`: a match, its pass, delta and group; `?` a suggestion; `S3/S4` netted."""
    names, others = SOURCE["kind"].to_pylist(), REFERENCE["kind"].to_pylist()
    matched = [
        f"{names[row['source_row']]}{'=' if row['status'] == 'matched' else '?'}{others[row['reference_row']]}"
        f" {row['pass']}"
        + (f" {row['amount_delta']:+}" if row["amount_delta"] else "")
        + (f" #{row['group']}" if row["group"] else "")
        for row in found.matches.to_pylist()
    ]
    return matched + [f"{names[row['row']]}/{names[row['other_row']]}" for row in found.netted.to_pylist()]


def test_without_decisions_the_engine_decides() -> None:
    assert pairs(outcome()) == ["S1=R1 identity", "S3=R3 exact"]
    assert replayed().is_empty


def test_rows_matched_by_hand_are_a_match_of_several_with_their_difference() -> None:
    found = outcome(decision(DecisionKind.MANUAL_MATCH, "S2", "S3", "R2"))
    assert pairs(found) == ["S1=R1 identity", "S2=R2 decided +100 #1", "S3=R2 decided #1"]
    assert [line["kind"] for line in found.discrepancies.to_pylist()] == [
        "amount_mismatch",
        "missing_in_reference",
        "missing_in_source",
    ]


def test_a_match_by_hand_across_currencies_is_told_in_each_of_them() -> None:
    source = table("A  2026-03-02  100.00 EUR  Payout\nB  2026-03-02  5.00 USD  Fee\nC  2026-03-02  1.00 EUR  Other")
    reference = table("R  2026-03-04  110.00 USD  Payout\nQ  2026-03-02  1.00 EUR  Elsewhere")
    rows = {Side.SOURCE: source, Side.REFERENCE: reference}
    names = {side: fingerprints(own) for side, own in rows.items()}
    chosen = ((Side.SOURCE, 0), (Side.SOURCE, 1), (Side.REFERENCE, 0))
    by_hand = Decision(
        id=1,
        kind=DecisionKind.WRITE_OFF,
        actor="ana",
        at=NOON,
        members=tuple(
            Member(
                side=side,
                fingerprint=names[side][at].as_py(),
                amount=rows[side]["amount"][at].as_py(),
                currency=rows[side]["currency"][at].as_py(),
            )
            for side, at in chosen
        ),
    )
    decided = decided_rows(names[Side.SOURCE], names[Side.REFERENCE], [by_hand])
    found = reconcile_tables(source, reference, Rules(), decided=decided)
    assert [line["pass"] for line in found.matches.to_pylist()] == ["decided", "decided", "exact"]
    assert [(line["currency"], line["amount"], line["detail"]) for line in found.discrepancies.to_pylist()] == [
        ("EUR", 10_000, "Matched by hand across currencies: the source has 100.00 EUR more."),
        ("USD", -10_500, "Matched by hand across currencies: the source has 105.00 USD less."),
    ]
    assert [line.unexplained for line in found.proof] == [0, 0]


def test_a_decision_takes_rows_from_a_pass_that_would_have_had_them() -> None:
    found = outcome(decision(DecisionKind.MANUAL_MATCH, "S1", "R3"))
    assert pairs(found) == ["S1=R3 decided +2000"]


def test_a_pair_that_was_ruled_out_is_neither_booked_nor_suggested() -> None:
    assert pairs(outcome(decision(DecisionKind.NEVER_PAIR, "S1", "R1"))) == ["S3=R3 exact"]
    both = (decision(DecisionKind.NEVER_PAIR, "S1", "R1"), decision(DecisionKind.NEVER_PAIR, "S3", "R3", number=2))
    assert "R" not in "".join(pairs(outcome(*both)))


def test_rows_netted_by_hand_cancel_each_other_and_ignored_ones_are_set_aside() -> None:
    found = outcome(decision(DecisionKind.NET, "S4", "S3"), decision(DecisionKind.IGNORE, "R2", number=2))
    assert pairs(found) == ["S1=R1 identity", "S3/S4"]
    kinds = {(line["kind"], line["amount"]) for line in found.discrepancies.to_pylist()}
    assert ("set_aside", -4900) in kinds
    assert all(line.unexplained == 0 for line in found.proof)


def test_of_two_decisions_about_one_row_the_later_one_holds() -> None:
    early, late = decision(DecisionKind.IGNORE, "S2"), decision(DecisionKind.MANUAL_MATCH, "S2", "R2", number=2)
    assert "S2=R2 decided -2900" in pairs(outcome(late, early))


def test_a_match_by_hand_that_lost_a_row_is_told_and_its_other_rows_are_matched_anew() -> None:
    found = outcome(decision(DecisionKind.MANUAL_MATCH, "S9", "R3"))
    assert pairs(found) == ["S1=R1 identity", "S3=R3 exact"]
    (told,) = [line for line in found.discrepancies.to_pylist() if line["kind"] == "decision_lost"]
    assert (told["side"], told["reference_row"], told["amount"]) == ("reference", 2, 0)
    assert told["detail"] == (
        "This row was matched by hand on 2026-03-05, but a row of that decision is not in this run any more. "
        "Decide again."
    )


def test_a_decision_none_of_whose_rows_are_here_says_nothing() -> None:
    assert replayed(decision(DecisionKind.MANUAL_MATCH, "S9", "R9")).lost == ()


def test_what_is_no_duplicate_is_missing() -> None:
    source = table("A  2026-03-02  5.00 USD  Same\nB  2026-03-02  5.00 USD  Same")
    none = table("R  2026-03-09  1.00 USD  Other")
    kinds = []
    for members in ((), (Member(side=Side.SOURCE, fingerprint="b", amount=500, currency="USD"),)):
        known = Decision(id=1, kind=DecisionKind.NOT_DUPLICATE, actor="ana", at=NOON, members=members)
        decided = decided_rows(pa.array(["a", "b"]), pa.array(["r"]), [known])
        kinds.append(_kinds_of(source, none, decided))
    assert kinds == [["missing_in_reference", "duplicate"], ["missing_in_reference", "missing_in_reference"]]


@settings(max_examples=60, deadline=None)
@given(side, side, rules, st.data())
def test_decisions_hold_and_the_proof_stays_exact(
    ours: list[dict[str, object]], theirs: list[dict[str, object]], rules: Rules, data: st.DataObject
) -> None:
    source, reference = build(ours), build(theirs)
    rows = {Side.SOURCE: source, Side.REFERENCE: reference}
    names = {own: fingerprints(table).to_pylist() for own, table in rows.items()}
    some = st.lists(st.sampled_from([(own, name) for own in Side for name in names[own]] or [(Side.SOURCE, "none")]))
    taken = [
        _decision(number, data.draw(st.sampled_from(DecisionKind)), data.draw(some), rows, names)
        for number in range(data.draw(st.integers(0, 3)))
    ]
    decided = decided_rows(
        pa.array(names[Side.SOURCE], pa.string()), pa.array(names[Side.REFERENCE], pa.string()), taken
    )
    found = reconcile_tables(source, reference, rules, decided=decided)
    made = {(line["source_row"], line["reference_row"]): line["pass"] for line in found.matches.to_pylist()}
    assert not any(pair in decided.barred for pair, by in made.items() if by != "decided")
    by_hand = {end for pair, by in made.items() if by == "decided" for end in zip("sr", pair, strict=True)}
    assert by_hand == {(end, row) for one in decided.pinned for end in "sr" for row in _ends(one, end)}
    assert all(line.unexplained == 0 for line in found.proof)


def _decision(number, kind, members, rows, names):  # type: ignore[no-untyped-def]
    chosen = dict.fromkeys(members)
    found = []
    for own, name in chosen:
        at = names[own].index(name) if name in names[own] else None
        amount, currency = (
            (rows[own][column][at].as_py() for column in ("amount", "currency")) if at is not None else (1, "EUR")
        )
        found.append(Member(side=own, fingerprint=name, amount=amount, currency=currency))
    return Decision(id=number, kind=kind, actor="ana", at=NOON, members=tuple(found))


def _ends(one, end):  # type: ignore[no-untyped-def]
    return one.source if end == "s" else one.reference


def _kinds_of(source: pa.Table, reference: pa.Table, decided: Decided) -> list[str]:
    found = reconcile_tables(source, reference, Rules(), decided=decided)
    return [line["kind"] for line in found.discrepancies.to_pylist() if line["source_row"] is not None]
