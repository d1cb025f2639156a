"""Rules and mappings as TOML files: strict, so that a misspelt name is told, not ignored.

amount_tolerance_minor = 50          roles = { date = "Booked", amount = "Betrag" }
days_after = 3                       answers = { DATE_ORDER = "dmy" }
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import fields, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from recon.cli.options import UnknownName, existing
from recon.errors import RulesInvalid, TieoutError
from recon.model.reading import Mapping
from recon.model.rules import Rules


class TomlInvalid(TieoutError):
    code = "TOML_INVALID"

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path.name} cannot be read: {problem}. Put it right and try again.")


def read_rules(path: Path | None, base: Rules) -> Rules:
    """The rules of a TOML file over `base`; `base` itself without a file."""
    if path is None:
        return base
    given = _load(path, [field.name for field in fields(Rules)])
    if "amount_tolerance_percent" in given:
        given["amount_tolerance_percent"] = _percent(given["amount_tolerance_percent"])
    return replace(base, **given)


def read_mapping(path: Path | None) -> Mapping | None:
    """The mapping of a TOML file: `roles`, `answers` (both tables of text) and `header` (a list of text)."""
    if path is None:
        return None
    given = _load(path, [field.name for field in fields(Mapping)])
    for name in ("roles", "answers"):
        table = given.get(name, {})
        if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
            raise TomlInvalid(path, f"{name} is to be a table of texts")
    header = given.get("header", [])
    if not isinstance(header, list) or not all(isinstance(value, str) for value in header):
        raise TomlInvalid(path, "header is to be a list of texts")
    return Mapping(roles=given.get("roles", {}), answers=given.get("answers", {}), header=tuple(header))


def _load(path: Path, known: Iterable[str]) -> dict[str, Any]:
    try:
        given = tomllib.loads(existing(path).read_text(encoding="utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TomlInvalid(path, str(error).rstrip(".")) from None
    names = tuple(known)
    for name in given:
        if name not in names:
            raise UnknownName(where=path.name, name=name, known=names)
    return given


def _percent(value: object) -> Decimal:
    try:
        assert not isinstance(value, bool)
        return Decimal(value)  # type: ignore[arg-type]
    except (AssertionError, TypeError, ValueError, InvalidOperation):
        raise RulesInvalid("amount_tolerance_percent", f"{value!r} is not a decimal number.") from None
