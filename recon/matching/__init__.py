"""Two transaction tables -> matches and suggestions; pure, whole columns at a time. Start reading at `engine`."""

from recon.matching.engine import match

__all__ = ["match"]
