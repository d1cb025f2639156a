"""What we say we read is what we read."""

from __future__ import annotations

import re
from pathlib import Path

from recon.ingest.catalogue import known_formats
from recon.ingest.formats import FORMATS
from recon.ingest.statements import STATEMENTS

README = Path(__file__).parents[2] / "README.md"


def test_readme_lists_every_format() -> None:
    listed = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", README.read_text(encoding="utf-8"), re.MULTILINE))
    assert {name: listed.get(name) for name in known_formats()} == known_formats()


def test_every_format_has_a_name_of_its_own() -> None:
    names = [*(known.name for known in FORMATS), *(known.name for known in STATEMENTS)]
    assert len(set(names)) == len(names)
