"""A reading as the command line tells it: the JSON document, the exit status and the text for a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from recon.cli.exits import Exit
from recon.cli.screen import say, show_table
from recon.model.reading import Account, Control, Question, Reading, Reject
from recon.money import to_display, to_text
from recon.workflows.totals import CurrencyTotal, currency_totals

REJECTS_SHOWN: Final = 20
LINE_WIDTH: Final = 160


def exit_status(*readings: Reading) -> Exit:
    """A refusal weighs more than a question."""
    if any(reading.refused for reading in readings):
        return Exit.REFUSED
    return Exit.QUESTIONS if any(reading.questions for reading in readings) else Exit.READ


def reading_document(reading: Reading) -> dict[str, Any]:
    """The JSON document of a whole reading; amounts as decimal strings, credits and debits both zero or more."""
    return reading_head(reading) | {
        "totals": [_total(total) for total in currency_totals(reading.table)],
        "accounts": [account_document(account) for account in reading.accounts],
        "controls": [control_document(control) for control in reading.controls],
        "rejects": [
            {"line": r.line, "column": r.column, "value": r.value, "code": r.code, "problem": r.problem}
            for r in reading.rejects
        ],
        "mapping": {
            "roles": dict(reading.mapping.roles),
            "answers": dict(reading.mapping.answers),
            "header": list(reading.mapping.header),
        },
    }


def reading_head(reading: Reading) -> dict[str, Any]:
    """What holds of a reading whose rows are only there in part: format, counts, questions, refusal, notes."""
    refused = reading.refused
    return {
        "format": reading.format,
        "encoding": reading.encoding,
        "rows": {
            "read": reading.rows_read,
            "accepted": reading.rows_accepted,
            "rejected": reading.rows_rejected,
            "ignored": reading.rows_ignored,
        },
        "questions": [question_document(question) for question in reading.questions],
        "refused": None if refused is None else {"code": refused.code, "problem": refused.problem},
        "notes": [{"code": note.code, "text": note.text, "count": note.count} for note in reading.notes],
    }


def question_document(question: Question, *, prefix: str = "") -> dict[str, Any]:
    """A question; each of `choices` is what `--answer CODE=` takes, `labels` says what it means."""
    return {
        "code": prefix + question.code,
        "column": question.column,
        "text": question.text,
        "choices": [choice.value for choice in question.choices],
        "labels": {choice.value: choice.label for choice in question.choices},
        "free_text": question.free_text,
        "examples": [{"line": example.line, "cells": dict(example.cells)} for example in question.examples],
    }


def _total(total: CurrencyTotal) -> dict[str, Any]:
    return {
        "currency": total.currency,
        "transactions": total.transactions,
        "credits": to_text(total.credits, total.currency),
        "debits": to_text(total.debits, total.currency),
        "first_date": total.first_date.isoformat(),
        "last_date": total.last_date.isoformat(),
    }


def account_document(account: Account) -> dict[str, Any]:
    """An account; balances as decimal strings."""

    def text(minor: int | None) -> str | None:
        return None if minor is None else to_text(minor, account.currency)

    return {
        "account": account.number,
        "currency": account.currency,
        "transactions": account.row_count,
        "total": text(account.total),
        "opening_balance": text(account.opening),
        "opened_on": account.opened_on.isoformat() if account.opened_on else None,
        "closing_balance": text(account.closing),
        "closed_on": account.closed_on.isoformat() if account.closed_on else None,
    }


def control_document(control: Control) -> dict[str, Any]:
    """A control; figures as decimal strings, or counts."""

    def text(figure: int) -> str | int:
        return to_text(figure, control.currency) if control.currency else figure

    return {
        "kind": control.kind.value,
        "account": control.account,
        "currency": control.currency,
        "stated": text(control.stated),
        "found": text(control.found),
        "agrees": control.agrees,
        "accepted": control.is_accepted,
        "text": control.says,
    }


def show_reading(filename: str, reading: Reading, *, prefix: str = "", with_totals: bool = True) -> None:
    """Tell a reading to a person: what was read, what was not and why, and what is to be decided."""
    if reading.refused is not None:
        say(f"{filename} was refused: {reading.refused.problem}")
        return
    if reading.questions:
        say(f"{filename} leaves something open. Answer, and it is read:")
        show_questions(reading.questions, prefix=prefix)
        return
    encoding = f", {reading.encoding}" if reading.encoding else ""
    say(
        f"{filename} ({reading.format}{encoding}): {reading.rows_read:,} rows read, "
        f"{reading.rows_accepted:,} accepted, {reading.rows_rejected:,} rejected, {reading.rows_ignored:,} ignored."
    )
    if with_totals:
        _show_totals(reading)
    show_rejects(reading.rejects, of_count=reading.rows_rejected)


def _show_totals(reading: Reading) -> None:
    rows = [
        (
            total.currency,
            f"{total.transactions:,}",
            to_display(total.credits, total.currency),
            to_display(total.debits, total.currency),
            f"{total.first_date} to {total.last_date}",
        )
        for total in currency_totals(reading.table)
    ]
    if rows:
        columns = ("currency", "transactions", "credits", "debits", "dates")
        show_table(columns, rows, numbers=("transactions", "credits", "debits"))


def show_questions(questions: Iterable[Question], *, prefix: str = "") -> None:
    """Each with its examples, and the answers it takes."""
    for question in questions:
        _show_question(question, prefix)


def show_rejects(rejects: Sequence[Reject], *, of_count: int) -> None:
    """The first of `of_count` rejects; nothing when there are none."""
    if not rejects:
        return
    shown = rejects[:REJECTS_SHOWN]
    rows = [(reject.line, reject.column, reject.value, reject.problem) for reject in shown]
    show_table(("line", "column", "value", "problem"), rows, numbers=("line",))
    if len(shown) < of_count:
        say(f"The first {len(shown)} of {of_count:,} rejected rows; --json has all of them.")


def _show_question(question: Question, prefix: str) -> None:
    say(question.text)
    for example in question.examples:
        cells = ", ".join(f"{name} = {value}" for name, value in example.cells.items())
        say(_clipped(f"  line {example.line}: {cells}"))
    for choice in question.choices:
        say(_clipped(f"  --answer {prefix}{question.code}={choice.value}   {choice.label}"))


def _clipped(line: str) -> str:
    return line if len(line) <= LINE_WIDTH else line[: LINE_WIDTH - 1] + "…"
