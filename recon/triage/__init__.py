"""Decides what a person may do with a discrepancy. Pure: rows in, verdict out."""

from recon.triage.moves import check, decide

__all__ = ["check", "decide"]
