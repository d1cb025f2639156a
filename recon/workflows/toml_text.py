"""Rules and mappings as TOML text: strict, so that a misspelt name is told, not ignored.

amount_tolerance_minor = 50          roles = { date = "Booked", amount = "Betrag" }
days_after = 3                       answers = { DATE_ORDER = "dmy" }
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import fields, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from recon.errors import NameUnknown, RulesInvalid, TomlInvalid
from recon.ingest.aliases import Role
from recon.model.aliases import aliases
from recon.model.fx import fx_rates
from recon.model.reading import Mapping
from recon.model.rules import Rules, fee_schedules, pass_names


def parse_rules(content: bytes, base: Rules, *, filename: str) -> Rules:
    """The rules a TOML file gives, over `base`. Raises `TomlInvalid`, `NameUnknown` and `RulesInvalid`."""
    given = _load(content, [field.name for field in fields(Rules)], filename)
    if "amount_tolerance_percent" in given:
        given["amount_tolerance_percent"] = percent(given["amount_tolerance_percent"])
    if "passes" in given:
        given["passes"] = pass_names(given["passes"])
    if "fee_schedules" in given:
        given["fee_schedules"] = fee_schedules(given["fee_schedules"])
    if "fx_rates" in given:
        given["fx_rates"] = fx_rates(given["fx_rates"])
    if "aliases" in given:
        given["aliases"] = aliases(given["aliases"])
    return replace(base, **given)


def format_rules(rules: Rules) -> str:
    """Rules as the TOML file that gives them back."""
    return "".join(f"{name} = {_toml(value)}\n" for name, value in rules.as_dict().items())


def _toml(value: int | str | list[str]) -> str:
    """JSON writes whole numbers, texts without control characters and lists of them as TOML does."""
    return json.dumps(value, ensure_ascii=False)


def parse_mapping(content: bytes, *, filename: str) -> Mapping:
    """The mapping a TOML file gives: `roles`, `answers` (both tables of text) and `header` (a list of text).

    Raises `TomlInvalid` and `NameUnknown`.
    """
    given = _load(content, [field.name for field in fields(Mapping)], filename)
    for name in ("roles", "answers"):
        table = given.get(name, {})
        if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
            raise TomlInvalid(filename, f"{name} is to be a table of texts")
    for role in given.get("roles", {}):
        if role not in tuple(Role):
            raise NameUnknown(where=f"{filename}, roles,", name=role, known=Role)
    header = given.get("header", [])
    if not isinstance(header, list) or not all(isinstance(value, str) for value in header):
        raise TomlInvalid(filename, "header is to be a list of texts")
    return Mapping(roles=given.get("roles", {}), answers=given.get("answers", {}), header=tuple(header))


def percent(value: object) -> Decimal:
    """A percentage as text or a number -> exact Decimal. Raises `RulesInvalid`."""
    try:
        assert not isinstance(value, bool)
        return Decimal(value)  # type: ignore[arg-type]
    except (AssertionError, TypeError, ValueError, InvalidOperation):
        raise RulesInvalid("amount_tolerance_percent", f"{value!r} is not a decimal number.") from None


def _load(content: bytes, known: Iterable[str], filename: str) -> dict[str, Any]:
    try:
        given = tomllib.loads(content.decode("utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TomlInvalid(filename, str(error).rstrip(".")) from None
    names = tuple(known)
    for name in given:
        if name not in names:
            raise NameUnknown(where=filename, name=name, known=names)
    return given
