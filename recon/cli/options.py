"""Options several commands share, and how their values are read."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from recon.config import LOCAL_CLUSTER
from recon.errors import TieoutError
from recon.model.transactions import Side


class ComputeEngine(StrEnum):
    """Who does what matching can hand on."""

    LOCAL = "local"
    DASK = "dask"


AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Currency = Annotated[str | None, typer.Option(help="Currency of amounts that name none, such as EUR.")]
ComputeOn = Annotated[
    ComputeEngine | None,
    typer.Option(
        "--engine",
        help="local: in this process. dask: part of the work on the cluster at RECON_DASK_ADDRESS, or one of this "
        "machine. Else as the setting says. The result is the same.",
    ),
]
RulesFile = Annotated[Path | None, typer.Option("--rules", metavar="R.toml", help="Rules of this match, as TOML.")]


class FileMissing(TieoutError):
    code = "FILE_MISSING"

    def __init__(self, path: Path) -> None:
        what = "a folder, not a file" if path.is_dir() else "not there"
        super().__init__(f"{path} is {what}. Check the name and try again.")


class AnswerInvalid(TieoutError):
    code = "ANSWER_INVALID"

    def __init__(self, given: str, form: str) -> None:
        super().__init__(f"--answer {given} cannot be read. Write it as --answer {form}.")


class NeedsDatabase(TieoutError):
    code = "NEEDS_DATABASE"

    def __init__(self, address: str) -> None:
        super().__init__(f"{address} is fetched, which needs the database. Use `python -m recon run` instead.")


def dask_address(compute: ComputeEngine | None, setting: str | None) -> str | None:
    """The cluster this command uses, given the one in the settings; None: all is done in this process."""
    if compute is ComputeEngine.DASK:
        return setting or LOCAL_CLUSTER
    return None if compute is ComputeEngine.LOCAL else setting


def existing(path: Path) -> Path:
    """The path, if there is a file; raises FileMissing, or NeedsDatabase for an address to fetch from."""
    if not path.is_file():
        from recon.workflows.fetch_transactions import is_address  # loads the database's library, for a mistake only

        raise NeedsDatabase(str(path)) if is_address(str(path)) else FileMissing(path)
    return path


def answers_of(given: Iterable[str]) -> dict[str, str]:
    """`CODE=CHOICE` texts as a mapping; the last of a code counts."""
    return dict(_pair(text, "CODE=CHOICE") for text in given)


def answers_by_side(given: Iterable[str]) -> dict[Side, dict[str, str]]:
    """`side.CODE=CHOICE` texts as a mapping for each side."""
    found: dict[Side, dict[str, str]] = {side: {} for side in Side}
    form = "source.CODE=CHOICE or reference.CODE=CHOICE"
    for text in given:
        name, choice = _pair(text, form)
        side, dot, code = name.partition(".")
        if not dot or not code or side not in tuple(Side):
            raise AnswerInvalid(text, form)
        found[Side(side)][code] = choice
    return found


def _pair(text: str, form: str) -> tuple[str, str]:
    code, equals, choice = text.partition("=")
    if not equals or not code.strip():
        raise AnswerInvalid(text, form)
    return code.strip(), choice.strip()
