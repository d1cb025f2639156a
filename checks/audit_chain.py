"""The logs are what they were when they were sealed: no row changed, removed or slipped in, and no seal cut off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, text

from checks.check import Category, Check, CheckBook, Judgement, Scope, Subject, Variance, judgement
from recon.model.checks import CatalogueLine
from recon.store.audit_seal import LOGS, LogState, verify

NAME: Final = "audit_chain_intact"
SEALED_WITHIN: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    now: datetime
    logs: tuple[LogState, ...]
    anchors: Mapping[str, str]  # log -> the head that the run before recorded


def gather(conn: Connection, scope: Scope) -> Facts:
    """Every seal of every log, verified against its rows and against the heads recorded by the run before."""
    recorded = conn.execute(text(_ANCHORS), {"name": NAME}).scalar_one_or_none() or {}
    return Facts(
        now=conn.execute(text("select now()")).scalar_one(),
        logs=tuple(verify(conn, log, anchors=_anchor(recorded.get(log.name))) for log in LOGS),
        anchors=recorded,
    )


def _anchor(head: str | None) -> dict[str, str]:
    return {head: "earlier"} if head else {}


def judge(facts: Facts) -> Judgement:
    """A broken seal fails. Rows that have waited for a seal for a day warn: nothing would show that they changed."""
    late = [
        log for log in facts.logs if log.unsealed_since is not None and facts.now - log.unsealed_since > SEALED_WITHIN
    ]
    heads = {log.log: facts.anchors.get(log.log) if log.problem else log.head for log in facts.logs}
    sealed_count = sum(log.sealed_count for log in facts.logs)
    return judgement(
        examined=sum(log.sealed_count + log.unsealed_count for log in facts.logs),
        of=("log row", "log rows"),
        sound="every seal holds" if sealed_count else "none is sealed yet",
        failing=[_broken(log) for log in facts.logs if log.problem],
        warning=[_late(log) for log in late if not log.problem],
        sealed_count=sealed_count,
        unsealed_count=sum(log.unsealed_count for log in facts.logs),
        seal_count=sum(log.seal_count for log in facts.logs),
        heads={log: head for log, head in heads.items() if head},
    )


def _broken(log: LogState) -> Variance:
    return Variance(
        subject=Subject(item=log.log),
        expected=0,
        actual=log.row_difference or 1,
        unit="rows" if log.row_difference else "seals",
        note=f"{log.problem} In doubt from row {log.broken_from} on.",
    )


def _late(log: LogState) -> Variance:
    return Variance(
        subject=Subject(item=f"{log.log} unsealed"),
        expected=0,
        actual=log.unsealed_count,
        unit="rows",
        note=f"Not sealed since {log.unsealed_since:%Y-%m-%d %H:%M} UTC. The sidecar seals them: does it run?",
    )


_ANCHORS: Final = """
select metrics -> 'heads' from check_run
 where check_name = :name and book = 'all' and finished_at is not null and status <> 'error' order by id desc limit 1
"""

CHECK = Check(
    line=CatalogueLine(
        name=NAME,
        category=Category.INTERNAL,
        books=(CheckBook.ALL,),
        must_hold="No row of the audit log, the ledger's events or of decisions changed or went since it was sealed.",
        guards_against="Someone with the database's keys who rewrites history, and a restore that lost its end.",
        warns_when="Rows have waited for their seal for more than a day.",
        fails_when="A seal does not hold, is missing, or the newest ones were cut off.",
    ),
    gather=gather,
    judge=judge,
)
