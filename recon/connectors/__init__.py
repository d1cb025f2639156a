"""APIs we fetch from. Whatever comes from there is hostile until it is read; one that fails degrades only itself.

To add one that brings transactions: copy `ledger.py`, add it to CONNECTORS, and add its test.
"""

from __future__ import annotations

from typing import Final

from recon.connectors import ledger

CONNECTORS: Final = (ledger,)
"""Modules that bring transactions: each has its NAME, which addresses start with, and `fetch`."""
