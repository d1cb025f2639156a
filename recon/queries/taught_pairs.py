"""Pairs of one source row and one reference row that people decided about, with what the rows say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Engine, text

from recon.model.transactions import Side

NEWEST: Final = 5_000
"""Decisions that are looked at, newest first: what people do now says more about the rules than what they once did."""


def taught_pairs(engine: Engine, reconciliation: str) -> tuple[Mapping[Side, Mapping[str, Any]], ...]:
    """For each decision that stands and is about two rows: by side its `id`, `kind`, amount, currency, date and texts.

    A row of which a part stayed open is none: its amount is not what the person held against the other.
    """
    found: dict[int, dict[Side, Mapping[str, Any]]] = {}
    with engine.connect() as conn:
        for row in conn.execute(_PAIRS, {"name": reconciliation, "newest": NEWEST}).mappings():
            found.setdefault(row["id"], {})[Side(row["side"])] = {str(name): value for name, value in row.items()}
    return tuple(pair for pair in found.values() if len(pair) == len(Side))


_PAIRS: Final = text("""
with decided as (
    select d.id, d.kind
      from decision d join reconciliation r on r.id = d.reconciliation_id
     where r.name = :name and d.revoked_at is null and d.kind in ('manual_match', 'write_off', 'never_pair')
       and not exists (select from settlement s where s.decision_id = d.id and s.residual_amount is not null)
       and (select count(*) = 2 and count(distinct m.side) = 2 from decision_member m where m.decision_id = d.id)
     order by d.id desc limit :newest)
select distinct on (d.id, m.side) d.id, d.kind, m.side, m.amount, m.currency, w.date, w.description, w.counterparty
  from decided d
  join decision_member m on m.decision_id = d.id
  join workbench_row w on w.fingerprint = m.fingerprint and w.side = m.side
  join run on run.id = w.run_id
 where run.reconciliation_id = (select id from reconciliation where name = :name)
 order by d.id, m.side, w.run_id desc""")
