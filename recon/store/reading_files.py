"""A reading as files in the evidence store: its rows as Parquet, the rest as `reading.json`, written last.

So a reading with a `reading.json` is complete; one may also only name another reading, which answers the same. Files
follow from the key alone: two processes that store the same reading write the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from collections.abc import Mapping as MappingType
from dataclasses import asdict
from datetime import date
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from recon.model.reading import (
    Account,
    Choice,
    Control,
    ControlKind,
    Example,
    Mapping,
    Note,
    Question,
    Reading,
    Refusal,
    Reject,
)
from recon.store.evidence import Evidence, reading_name

TRANSACTIONS: Final = "transactions.parquet"
REJECTS: Final = "rejects.parquet"
RAW: Final = "raw.parquet"
DOCUMENT: Final = "reading.json"
_DAYS: Final = ("opened_on", "closed_on")

REJECT_SCHEMA: Final = pa.schema(
    [
        pa.field("line", pa.int64(), nullable=False),
        pa.field("column", pa.string()),
        pa.field("value", pa.string()),
        pa.field("code", pa.string(), nullable=False),
        pa.field("problem", pa.string(), nullable=False),
    ]
)


def is_stored(evidence: Evidence, key: str) -> bool:
    """Whether the reading of that key is in the store, complete."""
    return evidence.exists(reading_name(key, DOCUMENT))


def point(evidence: Evidence, key: str, *, to: str) -> None:
    """Say that the reading asked for by `key` is the one stored under `to`."""
    evidence.write_json(reading_name(key, DOCUMENT), {"same_as": to})


def resolve(evidence: Evidence, key: str) -> str:
    """The key the reading is stored under. Raises `EvidenceMissing`."""
    same_as = evidence.read_json(reading_name(key, DOCUMENT)).get("same_as")
    return key if same_as is None else str(same_as)


def save(evidence: Evidence, key: str, reading: Reading) -> None:
    """Store a reading under its key."""
    rejects = {name: [getattr(reject, name) for reject in reading.rejects] for name in REJECT_SCHEMA.names}
    digests = {
        TRANSACTIONS: evidence.write_table(reading_name(key, TRANSACTIONS), reading.table),
        REJECTS: evidence.write_table(reading_name(key, REJECTS), pa.table(rejects, schema=REJECT_SCHEMA)),
        RAW: evidence.write_table(reading_name(key, RAW), reading.raw),
    }
    document = {
        "format": reading.format,
        "encoding": reading.encoding,
        "columns": list(reading.columns),
        "rows_read": reading.rows_read,
        "rows_accepted": reading.rows_accepted,
        "rows_rejected": reading.rows_rejected,
        "rows_ignored": reading.rows_ignored,
        "questions": [_question_document(question) for question in reading.questions],
        "refused": asdict(reading.refused) if reading.refused else None,
        "notes": [asdict(note) for note in reading.notes],
        "mapping": mapping_document(reading.mapping),
        "accounts": account_documents(reading.accounts),
        "controls": control_documents(reading.controls),
        "files": digests,
    }
    evidence.write_json(reading_name(key, DOCUMENT), document)


def digests(evidence: Evidence, key: str) -> dict[str, str]:
    """The sha256 of each file of a stored reading: of its tables as they were stored, of the document as it is now.

    Raises `EvidenceMissing`.
    """
    with evidence.open(reading_name(key, DOCUMENT)) as opened:
        content = opened.read()
    return {**json.loads(content)["files"], DOCUMENT: hashlib.sha256(content).hexdigest()}


def days(evidence: Evidence, key: str) -> tuple[date, date] | None:
    """The first and last day of a reading's rows, as its file's own statistics say; None where it has no rows."""
    with pq.ParquetFile(evidence.local_path(reading_name(key, TRANSACTIONS))) as file:
        place = file.schema_arrow.get_field_index("date")
        groups = [file.metadata.row_group(number).column(place) for number in range(file.num_row_groups)]
        spans = [group.statistics for group in groups if group.num_values]
        return (min(span.min for span in spans), max(span.max for span in spans)) if spans else None


def load(evidence: Evidence, key: str, *, rows: int | None = None) -> Reading:
    """The reading of that key; with `rows`, its table and rejects hold only so many of the first rows.

    Counts are always the whole reading's. Raises `EvidenceMissing`.
    """
    document = evidence.read_json(reading_name(key, DOCUMENT))
    rejects = _first(evidence, reading_name(key, REJECTS), rows).to_pylist()
    refused = document["refused"]
    return Reading(
        format=document["format"],
        encoding=document["encoding"],
        columns=tuple(document["columns"]),
        rows_read=document["rows_read"],
        rows_accepted=document["rows_accepted"],
        rows_rejected=document["rows_rejected"],
        rows_ignored=document["rows_ignored"],
        table=_first(evidence, reading_name(key, TRANSACTIONS), rows),
        rejects=tuple(Reject(**row) for row in rejects),
        questions=tuple(_question(stored) for stored in document["questions"]),
        refused=Refusal(**refused) if refused else None,
        notes=tuple(Note(**note) for note in document["notes"]),
        mapping=mapping_from(document["mapping"]),
        raw=evidence.read_table(reading_name(key, RAW)),
        accounts=accounts_from(document.get("accounts", ())),
        controls=controls_from(document.get("controls", ())),
    )


def mapping_document(mapping: Mapping) -> dict[str, Any]:
    """A mapping as JSON takes it."""
    return {"roles": dict(mapping.roles), "answers": dict(mapping.answers), "header": list(mapping.header)}


def mapping_from(document: MappingType[str, Any]) -> Mapping:
    """The mapping a document holds."""
    return Mapping(roles=document["roles"], answers=document["answers"], header=tuple(document["header"]))


def account_documents(accounts: Iterable[Account]) -> list[dict[str, Any]]:
    """Accounts as JSON takes them."""
    return [_account_document(account) for account in accounts]


def accounts_from(documents: Iterable[MappingType[str, Any]]) -> tuple[Account, ...]:
    """The accounts that documents hold."""
    return tuple(_account_from(stored) for stored in documents)


def control_documents(controls: Iterable[Control]) -> list[dict[str, Any]]:
    """Controls as JSON takes them."""
    return [asdict(control) for control in controls]


def controls_from(documents: Iterable[MappingType[str, Any]]) -> tuple[Control, ...]:
    """The controls that documents hold."""
    return tuple(Control(**{**stored, "kind": ControlKind(stored["kind"])}) for stored in documents)


def _first(evidence: Evidence, name: str, rows: int | None) -> pa.Table:
    if rows is None:
        return evidence.read_table(name)
    with pq.ParquetFile(evidence.local_path(name)) as file:
        batches = file.iter_batches(batch_size=max(rows, 1))
        first = next(batches, None)
        table = pa.Table.from_batches([] if first is None else [first], schema=file.schema_arrow)
    return table.slice(0, rows)


def _account_document(account: Account) -> dict[str, Any]:
    days = {name: day.isoformat() if (day := getattr(account, name)) else None for name in _DAYS}
    return asdict(account) | days


def _account_from(stored: MappingType[str, Any]) -> Account:
    days = {name: date.fromisoformat(stored[name]) if stored[name] else None for name in _DAYS}
    return Account(**{**stored, **days})


def _question_document(question: Question) -> dict[str, Any]:
    """As `asdict`, but a mapping of cells need not be a dict."""
    return {
        "code": question.code,
        "text": question.text,
        "column": question.column,
        "choices": [asdict(choice) for choice in question.choices],
        "examples": [{"line": example.line, "cells": dict(example.cells)} for example in question.examples],
        "free_text": question.free_text,
    }


def _question(stored: MappingType[str, Any]) -> Question:
    choices = tuple(Choice(**choice) for choice in stored["choices"])
    examples = tuple(Example(**example) for example in stored["examples"])
    return Question(**{**stored, "choices": choices, "examples": examples})
