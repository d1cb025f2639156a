"""Bytes to transactions: pure, whole columns at a time, never a guess and never a lost row."""

from recon.ingest.reader import read_file

__all__ = ["read_file"]
