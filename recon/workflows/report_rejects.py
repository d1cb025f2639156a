"""Every row of a reading that could not be read, as a CSV file to send back to whoever made the export."""

from __future__ import annotations

from io import BytesIO

from recon import report
from recon.model.reading import Reject
from recon.store import reading_files
from recon.store.evidence import Evidence, reading_name


def report_rejects(evidence: Evidence, key: str) -> bytes:
    """The rejects of the reading of that key, all of them, formula-safe. Raises `EvidenceMissing`."""
    stored = evidence.read_table(reading_name(key, reading_files.REJECTS)).to_pylist()
    target = BytesIO()
    report.write_csv(report.reject_rows(Reject(**row) for row in stored), target)
    return target.getvalue()
