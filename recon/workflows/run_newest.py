"""Run a reconciliation with the newest files of its feeds: what a person would choose on the Reconcile page, at once.

Each side is read by its feed's mapping; a side that was fetched is fetched anew. Nothing is decided that only a person
can: where a file is missing, refused, leaves a question or does not follow from the one before it, there is no run, and
it says why. The same files under the same rules are the run there is, whatever was decided since: to replay decisions
on them is to run that run again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Engine

from recon.model.feed import feed_name
from recon.model.people import Action
from recon.model.rules import Rules
from recon.model.transactions import Side
from recon.queries.newest_files import newest_files
from recon.queries.rules import newest_rules
from recon.store import definitions, runs
from recon.store.evidence import Evidence
from recon.workflows.fetch_transactions import fetch_transactions
from recon.workflows.permit import permit
from recon.workflows.read_for_feed import FeedReading, read_for_feed
from recon.workflows.start_run import start_run
from recon.workflows.submit_run import Submitted


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestRun:
    """The run, or what a person must do first: by side, as a sentence. `sides` has what could be read."""

    submitted: Submitted | None = None
    hurdles: Mapping[Side, str] = field(default_factory=dict)
    sides: Mapping[Side, FeedReading] = field(default_factory=dict)


def run_newest(
    engine: Engine,
    evidence: Evidence,
    *,
    reconciliation: str,
    default_rules: Rules,
    actor: str,
    as_of: date | None = None,
) -> NewestRun:
    """Read the newest file of both feeds and ask for their run, by the newest saved rules, else the default ones.

    Raises `ReconciliationNotFound`, and what the connector of a fetched side, `read_for_feed`, `start_run` and `permit`
    raise.
    """
    with engine.connect() as conn:
        permit(conn, actor, Action.RUN)
        definitions.find(conn, reconciliation)
    found = {side: newest_reading(engine, evidence, reconciliation, side, actor=actor) for side in Side}
    sides = {side: one for side, one in found.items() if one is not None}
    saved = newest_rules(engine, reconciliation)
    rules = saved.rules if saved else default_rules
    if as_of is None and (known := _known(engine, reconciliation, sides, rules)) is not None:
        return NewestRun(submitted=Submitted(run_id=known, cached=True), sides=sides)
    hurdles = {side: text for side, one in found.items() if (text := hurdle(side, one)) is not None}
    if hurdles:
        return NewestRun(hurdles=hurdles, sides=sides)
    submitted = start_run(
        engine,
        evidence,
        reconciliation=reconciliation,
        sides={side: one.stored for side, one in sides.items()},
        rules=rules,
        actor=actor,
        as_of=as_of,
    )
    return NewestRun(submitted=submitted, sides=sides)


def _known(engine: Engine, reconciliation: str, sides: Mapping[Side, FeedReading], rules: Rules) -> int | None:
    """The newest run of just these files, mappings and rules that is published, at work or waiting."""
    source, reference = (sides[side].stored.reading_id if side in sides else None for side in Side)
    if source is None or reference is None:
        return None
    with engine.connect() as conn:
        return runs.newest_of(
            conn,
            definitions.find(conn, reconciliation),
            source_reading_id=source,
            reference_reading_id=reference,
            rules=rules,
        )


def newest_reading(
    engine: Engine, evidence: Evidence, reconciliation: str, side: Side, *, actor: str
) -> FeedReading | None:
    """The newest file of one side as its feed's files are read, fetched anew if it was fetched; None without one."""
    feed = feed_name(reconciliation, side)
    newest = newest_files(engine, reconciliation).get(feed)
    if newest is None:
        return None
    upload_id = newest.upload_id
    if newest.address is not None:
        upload_id = fetch_transactions(engine, evidence, newest.address, actor=actor).id
    return read_for_feed(engine, evidence, upload_id, feed=feed, actor=actor)


def hurdle(side: Side, found: FeedReading | None) -> str | None:
    """Why a side cannot be run without a person, as a sentence; None when it can."""
    if found is None:
        return f"The {side} has no file yet. Choose one."
    reading, name = found.stored.preview, found.stored.upload.filename
    if reading.refused is not None:
        return f"{name} was refused: {reading.refused.problem}"
    if reading.questions:
        return f"{name} leaves a question open: {reading.questions[0].text}"
    if found.standing is not None and found.standing.open_controls:
        return f"{name} does not follow from the file before it: {found.standing.open_controls[0].says}"
    return None
