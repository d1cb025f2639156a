"""The list of formats: each has a name of its own, and the last one takes what no other claims."""

from __future__ import annotations

from recon.ingest.answers import Answers
from recon.ingest.formats import FORMATS, format_of
from recon.ingest.formats.generic import GENERIC


def test_every_format_has_a_name_of_its_own() -> None:
    assert len({known.name for known in FORMATS}) == len(FORMATS)


def test_what_no_format_claims_is_generic() -> None:
    assert FORMATS[-1] is GENERIC
    assert format_of(("Datum", "Bedrag"), Answers()) is GENERIC
