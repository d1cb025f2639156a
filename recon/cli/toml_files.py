"""Rules and mappings from TOML files on disk."""

from __future__ import annotations

from pathlib import Path

from recon.cli.options import existing
from recon.model.reading import Mapping
from recon.model.rules import Rules
from recon.workflows.toml_text import parse_mapping, parse_rules


def read_rules(path: Path | None, base: Rules) -> Rules:
    """The rules of a TOML file over `base`; `base` itself without a file."""
    return base if path is None else parse_rules(existing(path).read_bytes(), base, filename=path.name)


def read_mapping(path: Path | None) -> Mapping | None:
    """The mapping of a TOML file."""
    return None if path is None else parse_mapping(existing(path).read_bytes(), filename=path.name)
