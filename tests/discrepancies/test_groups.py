"""An incomplete group says what its rows come to, what is missing where, and which row would complete it."""

from __future__ import annotations

import pytest

from recon.model.rules import Rules
from recon.workflows.reconcile import reconcile_tables
from tests.matching.builders import table

GROUP = """
    S1  2026-03-01  100.00 USD  Ann   group=po_1
    S2  2026-03-02   50.00 USD  Bob   group=po_1
"""


@pytest.mark.parametrize(
    ("stranger", "hint"),
    [
        ("S3  2026-01-01  25.00 USD  Cid", " Line 3 of the source has that amount and no partner."),
        ("S3  2026-01-01  25.01 USD  Cid", ""),
        ("S3  2026-01-01  25.00 EUR  Cid", ""),
        ("S3  2026-01-01  25.00 USD  Cid\nS4  2026-01-02  25.00 USD  Dan", ""),
    ],
)
def test_what_is_missing_in_the_source_is_told(stranger: str, hint: str) -> None:
    source, reference = table(GROUP + stranger), table("R1  2026-03-04  175.00 USD  STRIPE  ref=po_1")
    outcome = reconcile_tables(source, reference, Rules())
    (found,) = (row for row in outcome.discrepancies.to_pylist() if row["kind"] == "incomplete_group")
    assert found["amount"] == -2500
    assert found["detail"] == (
        "Under one number 2 source rows come to 150.00 USD and 1 reference row to 175.00 USD: "
        f"25.00 USD is missing in the source.{hint}"
    )
    assert all(line.unexplained == 0 for line in outcome.proof)


def test_what_is_missing_in_the_reference_is_told_though_the_source_has_more_rows() -> None:
    source = table(GROUP + "S3  2026-01-01  1.00 USD  a\nS4  2026-01-01  2.00 USD  b\nS5  2026-01-01  3.00 USD  c")
    outcome = reconcile_tables(source, table("R1  2026-03-04  120.00 USD  STRIPE  ref=po_1"), Rules())
    (found,) = (row for row in outcome.discrepancies.to_pylist() if row["kind"] == "incomplete_group")
    assert found["amount"] == 3000
    assert found["detail"].endswith("30.00 USD is missing in the reference.")
