"""Decides what a person may do with a discrepancy. Pure: rows in, verdict out."""

from recon.triage.moves import ALLOWED_FROM, check, decide
from recon.triage.undo import inverse

__all__ = ["ALLOWED_FROM", "check", "decide", "inverse"]
