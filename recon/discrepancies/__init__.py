"""Leftovers and near misses -> discrepancies, totals and the proof; pure, whole columns at a time."""

from recon.discrepancies.classify import classify
from recon.discrepancies.proof import prove

__all__ = ["classify", "prove"]
