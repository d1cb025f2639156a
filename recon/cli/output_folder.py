"""The folder `match --out` writes: whole or not at all, and never over anything that is not an earlier result.

Everything is written into a new folder beside it, which then takes its name. An earlier result is moved aside for that
moment and removed after; were we stopped in between, it would still be there under its temporary name.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from recon.errors import TieoutError
from recon.report import write_csv

FILES: Final = frozenset({"matches.csv", "discrepancies.csv", "summary.json"})


class FolderNotOurs(TieoutError):
    code = "OUT_NOT_OURS"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} holds something else than an earlier result. Name a new folder, or move what is in it."
        )


class FolderNotWritable(TieoutError):
    code = "OUT_NOT_WRITABLE"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} cannot be written ({why}). Name a folder that can.")


class OutputFolder:
    """A folder to be written once; refuses at once, before any work, what it could not replace later."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        if os.path.lexists(self.path) and not self._is_replaceable():
            raise FolderNotOurs(path)

    def write(self, *, matches: pa.Table, discrepancies: pa.Table, summary: dict[str, Any]) -> None:
        """Write all three files. Raises FolderNotWritable with nothing changed."""
        token = secrets.token_hex(4)
        fresh = self.path.with_name(f".{self.path.name}.{token}.new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh.mkdir()
            write_csv(matches, fresh / "matches.csv")
            write_csv(discrepancies, fresh / "discrepancies.csv")
            (fresh / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
            self._take_place(fresh, aside=self.path.with_name(f".{self.path.name}.{token}.old"))
        except OSError as error:
            raise FolderNotWritable(self.path, error.strerror or type(error).__name__) from None
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def _take_place(self, fresh: Path, *, aside: Path) -> None:
        if not self.path.exists():
            fresh.rename(self.path)
            return
        self.path.rename(aside)
        try:
            fresh.rename(self.path)
        except OSError:
            aside.rename(self.path)
            raise
        shutil.rmtree(aside, ignore_errors=True)

    def _is_replaceable(self) -> bool:
        if self.path.is_symlink() or not self.path.is_dir():
            return False
        names = set(os.listdir(self.path))
        return not names or (names <= FILES and "summary.json" in names)
