"""Everything a user can put right: each error builds its own sentence (where, what, what next).

Wrong data is not here: rejects, questions and discrepancies are values, collected and shown. A bug is not here
either: it crashes.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class TieoutError(Exception):
    """Base of all errors whose text is meant for the person at the screen. `code` is stable, for scripts."""

    code = "TIEOUT"


class UnknownCurrency(TieoutError):
    code = "CURRENCY_UNKNOWN"

    def __init__(self, currency: str) -> None:
        super().__init__(
            f"{currency!r} is not an ISO 4217 currency with a minor unit. Give a three-letter code such as EUR or JPY."
        )


class MixedCurrencies(TieoutError):
    code = "CURRENCY_MIXED"

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} and {other} cannot be added. Keep each currency's total apart.")


class RulesInvalid(TieoutError):
    code = "RULES_INVALID"

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"Rule {name}: {problem}")


class CalendarUnknown(TieoutError):
    code = "CALENDAR_UNKNOWN"

    def __init__(self, calendar: str) -> None:
        super().__init__(
            f"{calendar} is not a holiday calendar we know. Give a country (DE), one of its parts (DE-BY), "
            "a market (XNYS, ECB), or nothing for Monday to Friday."
        )


class OpenItemsMoved(TieoutError):
    """What a run began with was changed while it worked, by another run or by a person: it has to begin again."""

    code = "OPEN_ITEMS_MOVED"

    def __init__(self, run_id: int) -> None:
        super().__init__(f"The open items changed while run {run_id} worked on them. It starts again with what is now.")


class DueDaysInvalid(TieoutError):
    code = "DUE_DAYS_INVALID"

    def __init__(self, days: int, *, most: int) -> None:
        super().__init__(f"{days} business days are not between 0 and {most}. Say after how many a counterpart is due.")


class RunIsThere(TieoutError):
    code = "RUN_IS_THERE"

    def __init__(self, run_id: int) -> None:
        super().__init__(f"Run {run_id} has done this already, with the same files, rules and open items.")


class DecisionRefused(TieoutError):
    code = "DECISION_REFUSED"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)


class RulesChanged(TieoutError):
    """Someone saved a newer version of the rules than the one that was changed."""

    code = "RULES_CHANGED"

    def __init__(self, *, version: int, actor: str) -> None:
        super().__init__(
            f"Version {version} was saved by {actor} while you worked on yours. Nothing was saved. "
            "Look at what it changed, then save again."
        )


class NoteMissing(TieoutError):
    code = "NOTE_MISSING"

    def __init__(self) -> None:
        super().__init__("The note is empty. Write why the rules change: the next person will ask.")


class ReconciliationNotFound(TieoutError):
    code = "RECONCILIATION_NOT_FOUND"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no reconciliation {name!r}. Run it once on the Reconcile page.")


class TryOutStopped(TieoutError):
    """The process that tried rules out ended before it was done."""

    code = "TRY_OUT_STOPPED"

    def __init__(self, why: str) -> None:
        super().__init__(f"The try-out ended early: {why}. Nothing was changed. Try again, or try it on a smaller run.")


class TomlInvalid(TieoutError):
    code = "TOML_INVALID"

    def __init__(self, filename: str, problem: str) -> None:
        super().__init__(f"{filename} cannot be read: {problem}. Put it right and try again.")


class NameUnknown(TieoutError):
    code = "NAME_UNKNOWN"

    def __init__(self, *, where: str, name: str, known: Iterable[str]) -> None:
        names = tuple(known)
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(names)}."
        super().__init__(f"{where} has {name}, which we do not know. {hint}")


class RunNotFound(TieoutError):
    code = "RUN_NOT_FOUND"

    def __init__(self, run_id: object) -> None:
        super().__init__(f"There is no run {run_id}. Open Runs to see those that exist.")


class RunNotPublished(TieoutError):
    code = "RUN_NOT_PUBLISHED"

    def __init__(self, run_id: object) -> None:
        super().__init__(f"Run {run_id} has no result yet. Wait until it has succeeded, or run it again.")


class RunSuperseded(TieoutError):
    """A worker that lost its lease tried to go on; its work is dropped, the newer attempt's stands."""

    code = "RUN_SUPERSEDED"

    def __init__(self, run_id: object, attempt: int) -> None:
        super().__init__(f"Attempt {attempt} of run {run_id} was replaced by a newer one. Nothing was published.")


class RunCancelled(TieoutError):
    code = "RUN_CANCELLED"

    def __init__(self, run_id: object) -> None:
        super().__init__(f"Run {run_id} was cancelled before it was published.")


class ReadingNotFound(TieoutError):
    code = "READING_NOT_FOUND"

    def __init__(self, reading_id: object) -> None:
        super().__init__(f"There is no reading {reading_id}. Upload the file again.")


class UploadNotFound(TieoutError):
    code = "UPLOAD_NOT_FOUND"

    def __init__(self, upload_id: object) -> None:
        super().__init__(f"There is no upload {upload_id}. Upload the file again.")


class ZoneUnknown(TieoutError):
    code = "ZONE_UNKNOWN"

    def __init__(self, name: object) -> None:
        super().__init__(f"{name!r} is no time zone we know. Name one as Europe/Berlin, Asia/Kolkata or UTC.")


class FeedNotFound(TieoutError):
    code = "FEED_NOT_FOUND"

    def __init__(self, name: object) -> None:
        super().__init__(f"There is no feed {name!r}. A feed is made with the first file of a reconciliation's side.")


class ReadingStopped(TieoutError):
    """The process that read a file ended before it was done: too little memory, or too long."""

    code = "READING_STOPPED"

    def __init__(self, *, filename: str, why: str) -> None:
        super().__init__(f"{filename} could not be read: {why}. Nothing of it was stored. Split it and try again.")


class EvidenceMissing(TieoutError):
    code = "EVIDENCE_MISSING"

    def __init__(self, name: str) -> None:
        super().__init__(f"The stored file {name} is not in the evidence store. Restore it from a backup.")


class RunDoesNotTieOut(TieoutError):
    """The database's own count of a result differs from what it should prove: it is not published."""

    code = "RUN_DOES_NOT_TIE_OUT"

    def __init__(self, run_id: object, problem: str) -> None:
        super().__init__(f"The result of run {run_id} was not published: {problem}. Please report this.")


class ResolutionUnknown(TieoutError):
    code = "RESOLUTION_UNKNOWN"

    def __init__(self, resolution: str | None, *, choices: tuple[str, ...]) -> None:
        super().__init__(
            f"{resolution!r} is not a way to resolve a discrepancy. Choose one of {', '.join(choices)}."
            if resolution
            else f"Say how it was resolved: one of {', '.join(choices)}."
        )


class CommentMissing(TieoutError):
    code = "COMMENT_MISSING"

    def __init__(self) -> None:
        super().__init__("The comment is empty. Write what the next person needs to know.")


class CommentTooLong(TieoutError):
    code = "COMMENT_TOO_LONG"

    def __init__(self, length: int, *, limit: int) -> None:
        super().__init__(f"The comment has {length:,} characters; at most {limit:,} are kept. Shorten it.")


class AssigneeUnknown(TieoutError):
    code = "ASSIGNEE_UNKNOWN"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not listed to work on discrepancies. Nothing was assigned. Choose another.")


class CorrectionUnclear(TieoutError):
    """How something adjusted was put right is not said, or not so that it can be done."""

    code = "CORRECTION_UNCLEAR"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)


class WriteOffRefused(TieoutError):
    """What is to be written off or adjusted cannot be booked so; the sentence says why and what to do."""

    code = "WRITE_OFF_REFUSED"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)


class QueueChanged(TieoutError):
    """What a filter holds is not what the person saw when they decided about all of it."""

    code = "QUEUE_CHANGED"

    def __init__(self, *, before: int, now: int) -> None:
        figures = (
            f"{before:,} discrepancies were shown, now it is {now:,}" if before != now else "their amounts changed"
        )
        super().__init__(f"The queue changed while you decided: {figures}. Nothing was done. Look again, then decide.")


class TooManyAtOnce(TieoutError):
    code = "TOO_MANY_AT_ONCE"

    def __init__(self, *, limit: int) -> None:
        super().__init__(f"No more than {limit:,} are done at once, so nothing was done. Narrow the filter.")


class ViewNotFound(TieoutError):
    code = "VIEW_NOT_FOUND"

    def __init__(self, view_id: int) -> None:
        super().__init__(f"View {view_id} is not one of yours, or is gone already. Nothing was changed.")


class ViewNameTaken(TieoutError):
    code = "VIEW_NAME_TAKEN"

    def __init__(self, name: str) -> None:
        super().__init__(f"You have another view called {name}. Nothing was changed. Give this one another name.")


class SheetUnreadable(TieoutError):
    code = "SHEET_UNREADABLE"

    def __init__(self, problem: str) -> None:
        super().__init__(f"The sheet was not read, and nothing was changed. {problem}")


class SheetNotOurs(TieoutError):
    code = "SHEET_NOT_OURS"

    def __init__(self) -> None:
        super().__init__(
            "This is not a sheet of the triage queue, or its hidden columns are gone. Nothing was changed. "
            "Download the queue as a sheet, edit the last three columns, and bring that file back."
        )


class DiscrepancyNotFound(TieoutError):
    code = "DISCREPANCY_NOT_FOUND"

    def __init__(self, discrepancy_id: object) -> None:
        super().__init__(f"There is no discrepancy {discrepancy_id}, or a newer run replaced it. Open Triage.")


class NameMissing(TieoutError):
    code = "NAME_MISSING"

    def __init__(self, limit: int) -> None:
        super().__init__(f"Give a name of 1 to {limit} characters.")


class SettlementRefused(TieoutError):
    """Rows may not be settled as asked; the sentence says why and what to do."""

    code = "SETTLEMENT_REFUSED"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)


class RowsChanged(TieoutError):
    code = "ROWS_CHANGED"

    def __init__(self, changed: int, asked: int) -> None:
        which = "The row was" if asked == 1 else f"{changed:,} of {asked:,} rows {'was' if changed == 1 else 'were'}"
        super().__init__(f"{which} settled or changed by someone else meanwhile. Nothing was done. Look again.")


class DecisionNotStanding(TieoutError):
    code = "DECISION_NOT_STANDING"

    def __init__(self, decision_id: int) -> None:
        super().__init__(f"Decision {decision_id} was taken back already, or never taken here. Nothing was done.")


class DecisionInUse(TieoutError):
    code = "DECISION_IN_USE"

    def __init__(self, decision_id: int, by: int) -> None:
        super().__init__(f"Rows of decision {decision_id} are settled by decision {by}. Undo that one first.")


class ClusterUnreachable(TieoutError):
    code = "CLUSTER_UNREACHABLE"

    def __init__(self, address: str) -> None:
        super().__init__(
            f"No Dask scheduler answers at {address}. Check RECON_DASK_ADDRESS and that the scheduler runs, or use "
            "--engine local."
        )


class ClusterLost(TieoutError):
    code = "CLUSTER_LOST"

    def __init__(self, problem: str) -> None:
        super().__init__(f"{problem} Nothing was published. See to the cluster and run again, or use --engine local.")


class ClusterDiffers(TieoutError):
    code = "CLUSTER_DIFFERS"

    def __init__(self) -> None:
        super().__init__(
            "The Dask cluster does not have the version of Tieout, numpy, pyarrow and rapidfuzz that this machine has, "
            "and might decide otherwise. Install the same on all of its machines and run again."
        )
