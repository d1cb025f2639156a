"""Everything a user can put right: each error builds its own sentence (where, what, what next).

Wrong data is not here: rejects, questions and discrepancies are values, collected and shown. A bug is not here
either: it crashes.
"""

from __future__ import annotations


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


class FileRefused(TieoutError):
    """A file we could not read at all; `code` says why (FILE_EMPTY, FILE_BINARY, ...)."""

    def __init__(self, *, filename: str, code: str, problem: str) -> None:
        self.code = code
        self.filename = filename
        self.problem = problem
        super().__init__(f"{filename}: {problem}")


class RulesInvalid(TieoutError):
    code = "RULES_INVALID"

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"Rule {name}: {problem}")


class RunNotFound(TieoutError):
    code = "RUN_NOT_FOUND"

    def __init__(self, run_id: object) -> None:
        super().__init__(f"There is no run {run_id}. Open Runs to see those that exist.")


class RunSuperseded(TieoutError):
    """A worker that lost its lease tried to go on; its work is dropped, the newer attempt's stands."""

    code = "RUN_SUPERSEDED"

    def __init__(self, run_id: object, attempt: int) -> None:
        super().__init__(f"Attempt {attempt} of run {run_id} was replaced by a newer one. Nothing was published.")


class RunCancelled(TieoutError):
    code = "RUN_CANCELLED"

    def __init__(self, run_id: object) -> None:
        super().__init__(f"Run {run_id} was cancelled before it was published.")
