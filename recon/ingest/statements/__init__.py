"""The statements we know: files that are no table of columns. Each is recognised by its content, never by its name.

To add one: write its module, add it to STATEMENTS, add its test.
"""

from __future__ import annotations

from typing import Final

from recon.ingest.statements.amazon import AMAZON
from recon.ingest.statements.bai2 import BAI2
from recon.ingest.statements.camt import CAMT
from recon.ingest.statements.mt940 import MT940
from recon.ingest.statements.ofx import OFX
from recon.ingest.statements.paypal_report import PAYPAL_REPORT
from recon.ingest.statements.qif import QIF
from recon.ingest.statements.statement import StatementFormat

STATEMENTS: Final[tuple[StatementFormat, ...]] = (MT940, CAMT, OFX, BAI2, QIF, PAYPAL_REPORT, AMAZON)


_HEAD: Final = 1 << 16
"""Bytes by which a format is known."""


def statement_format_of(data: bytes) -> StatementFormat | None:
    """The format that claims a file by how it begins; a table of columns is claimed by none."""
    head = data[:_HEAD]
    return next((known for known in STATEMENTS if known.claims(head)), None)
