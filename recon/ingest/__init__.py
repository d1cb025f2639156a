"""Bytes to transactions: pure, whole columns at a time, never a guess and never a lost row."""
