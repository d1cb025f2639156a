"""Is every file of the evidence store the one that was written? Each is held against the sha256 it was recorded with.

The digests hang together: the audit log, which is sealed, names that of a run's manifest; the manifest those of the
run's files and of the readings it used; a file as received is named by its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Engine

from recon.errors import EvidenceMissing
from recon.queries.kept import KeptRun, reading_keys, received, signed
from recon.store import reading_files
from recon.store.evidence import CHUNK_BYTES, Evidence, blob_name, reading_name, run_name
from recon.store.run_files import MANIFEST

UNREADABLE: Final = (ValueError, TypeError, KeyError, AttributeError)
"""What a JSON document raises that is not what we wrote: the reason it is not is not ours to guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A file there must be, the sha256 it must have, and what a person calls it."""

    name: str
    sha256: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceState:
    """What was found: how many files were read, and a sentence for every one that is not what it was."""

    file_count: int
    byte_count: int
    problems: tuple[str, ...]


def verify_evidence(
    engine: Engine,
    evidence: Evidence,
    runs: Iterable[KeptRun],
    *,
    run_id: int | None = None,
    on_files: Callable[[int, int], None],
) -> EvidenceState:
    """Read all that is kept, or what one run is made of. `on_files` hears how many files are read, of how many."""
    problems: list[str] = []
    expected = [
        Expected(name=blob_name(sha256), sha256=sha256, said=f"The file {filename}, as it was received,")
        for sha256, filename in received(engine, run_id=run_id).items()
    ]
    expected += [
        Expected(name=blob_name(sha256), sha256=sha256, said=f"The {what}")
        for sha256, what in (signed(engine) if run_id is None else {}).items()
    ]
    for key in reading_keys(engine, run_id=run_id):
        expected += _of_reading(evidence, key, problems)
    for run in runs:
        expected += _of_run(evidence, run, problems)
    seen: dict[str, tuple[str | None, int]] = {}
    for done, one in enumerate(expected):
        on_files(done, len(expected))
        if one.name not in seen:
            seen[one.name] = _read(evidence, one.name)
        problems += _problem(one, seen[one.name][0])
    on_files(len(expected), len(expected))
    return EvidenceState(
        file_count=sum(digest is not None for digest, _ in seen.values()),
        byte_count=sum(size for _, size in seen.values()),
        problems=tuple(dict.fromkeys(problems)),
    )


def _of_reading(evidence: Evidence, key: str, problems: list[str]) -> Iterator[Expected]:
    try:
        digests = reading_files.digests(evidence, key)
    except EvidenceMissing:
        problems.append(f"{reading_name(key, reading_files.DOCUMENT)} is gone from the evidence store.")
        return
    except UNREADABLE:
        problems.append(f"{reading_name(key, reading_files.DOCUMENT)} is not what was written.")
        return
    for part, sha256 in digests.items():
        name = reading_name(key, part)
        yield Expected(name=name, sha256=str(sha256), said=name)


def _of_run(evidence: Evidence, run: KeptRun, problems: list[str]) -> Iterator[Expected]:
    """The files of a run. What database, manifest and audit log say of it must be the same."""
    name = run_name(run.id, run.attempt, MANIFEST)
    if run.told and run.told.get("digest") != run.digest:
        problems.append(f"The digest of run {run.id} is not the one the audit log has of it.")
    if run.told.get("manifest", run.manifest.get(name)) != run.manifest.get(name):
        problems.append(f"The manifest of run {run.id} is not the one the audit log names.")
    for part, sha256 in run.manifest.items():
        yield Expected(name=part, sha256=sha256, said=f"{part.rpartition('/')[2]} of run {run.id}")
    try:
        document: Mapping[str, Any] = evidence.read_json(name)
        files = {part: sha256 for part, sha256 in run.manifest.items() if part != name}
        if document["files"] != files or document["rules"] != run.rules:
            problems.append(f"The manifest of run {run.id} and the database do not say the same of it.")
        for key, parts in document.get("readings", {}).items():
            for part, sha256 in parts.items():
                said = f"{part} of the reading that run {run.id} used"
                yield Expected(name=reading_name(key, part), sha256=sha256, said=said)
    except EvidenceMissing:
        return  # it is among the files, and missed there
    except UNREADABLE:
        problems.append(f"The manifest of run {run.id} is not what was written.")


def _read(evidence: Evidence, name: str) -> tuple[str | None, int]:
    """The sha256 and size of a file; None if it is not there."""
    digest, size = hashlib.sha256(), 0
    try:
        with evidence.open(name) as opened:
            while chunk := opened.read(CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
    except (EvidenceMissing, ValueError):  # what a spoilt manifest calls a file need not be a name
        return None, 0
    return digest.hexdigest(), size


def _problem(one: Expected, found: str | None) -> list[str]:
    if found is None:
        return [f"{one.said} is gone from the evidence store ({one.name})."]
    if found != one.sha256:
        return [f"{one.said} was changed since it was written ({one.name})."]
    return []
