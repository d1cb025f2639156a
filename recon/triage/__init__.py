"""Decides what a person may do with a discrepancy. Pure: rows in, verdict out."""

from recon.triage.moves import check, decide
from recon.triage.undo import inverse

__all__ = ["check", "decide", "inverse"]
