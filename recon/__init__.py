"""Tieout's core: read two sides, match them, show what does not tie out, prove the sum."""

__version__ = "0.1.0"
