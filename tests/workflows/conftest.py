"""Fixtures of the workflows' tests."""

from __future__ import annotations

import pytest

from recon.store.evidence import Evidence


@pytest.fixture
def evidence(evidence_url: str) -> Evidence:
    """An empty evidence store of this test alone."""
    return Evidence(evidence_url)
