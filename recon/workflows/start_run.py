"""Ask for the run of two files as they were read, and hold their feeds to it: their next files are read the same way.

So a header that changes is noticed even where nothing ever had to be asked.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from datetime import date

from sqlalchemy import Engine

from recon.model.feed import feed_name
from recon.model.rules import Rules
from recon.model.transactions import Side
from recon.store import feeds
from recon.store.carry import OF_NEW
from recon.store.evidence import Evidence
from recon.workflows.read_upload import StoredReading
from recon.workflows.submit_run import Submitted, submit_run
from recon.workflows.take_in_file import take_in_file


def start_run(
    engine: Engine,
    evidence: Evidence,
    *,
    reconciliation: str,
    sides: MappingType[Side, StoredReading],
    rules: Rules,
    actor: str,
    rerun_of: int | None = None,
    as_of: date | None = None,
) -> Submitted:
    """The run of both sides under these rules, new or known; each side's file and mapping become its feed's.

    A reconciliation that is new carries its open items, unless `save_carrying` said otherwise before.

    Both sides are read whole: no question is open. Raises what `submit_run` raises.
    """
    submitted = submit_run(
        engine,
        evidence,
        reconciliation=reconciliation,
        source_reading_id=_number(sides[Side.SOURCE]),
        reference_reading_id=_number(sides[Side.REFERENCE]),
        rules=rules,
        actor=actor,
        rerun_of=rerun_of,
        as_of=as_of,
        carries=OF_NEW.is_on,
    )
    for side in Side:
        name = feed_name(reconciliation, side)
        take_in_file(engine, evidence, sides[side], feed=name, actor=actor)
        with engine.begin() as conn:
            feeds.save(conn, name, sides[side].preview.mapping, actor=actor)
    return submitted


def _number(stored: StoredReading) -> int:
    assert stored.reading_id is not None, "a file with open questions, or a refused one, has no rows to match"
    return stored.reading_id
