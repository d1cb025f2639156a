"""The folders of the embedded PostgreSQL, below `<home>/postgres`: data, run (its socket), log, programs.

Two of them can be links, made once and then followed by everyone: `postgres` itself, when root started Tieout and the
account that runs PostgreSQL may not enter `home`; and `run`, when the socket's path would be too long for the system.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from recon.store.postgres.account import Account, may_enter
from recon.store.postgres.problems import FolderUnreachable, SocketFolderTaken

SOCKET_PATH_LIMIT = 100
"""Bytes. The system's limit is 107 on Linux and 103 on macOS."""

PORT = 5432
"""Part of the socket's name only: PostgreSQL listens on no network address."""

OUTSIDE_HOME = Path("/var/lib/tieout")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Real paths, links followed."""

    root: Path
    run: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def half_made(self) -> Path:
        """Where initdb works; renamed to `data` when it is done, so a half-made cluster never counts."""
        return self.root / "data.init"

    @property
    def log(self) -> Path:
        return self.root / "log"

    @property
    def programs(self) -> Path:
        return self.root / "programs"

    @property
    def lock(self) -> Path:
        return self.root / "owner.lock"


def find(home: Path) -> Layout:
    """The layout as it stands on disk; nothing is made."""
    root = (home / "postgres").resolve()
    return Layout(root=root, run=(root / "run").resolve())


def make_root(home: Path, account: Account) -> Path:
    """Make `<home>/postgres`, or the folder outside home that it links to; private to the account and us."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    root = home / "postgres"
    if not account.is_other:
        root.mkdir(mode=0o700, exist_ok=True)
        return root.resolve()
    if not root.exists():
        if home.stat().st_uid == os.geteuid():
            home.chmod(stat.S_IMODE(home.stat().st_mode) | 0o011)  # to pass through, not to list
        if not may_enter(home.resolve(), account):
            outside = OUTSIDE_HOME / _digest(home)
            outside.mkdir(mode=0o711, parents=True, exist_ok=True)
            root.unlink(missing_ok=True)
            root.symlink_to(outside)
    root.mkdir(mode=0o711, exist_ok=True)
    real = root.resolve()
    if not may_enter(real, account):
        raise FolderUnreachable(real, account.name)
    return real


def make_folders(home: Path, root: Path, account: Account) -> Layout:
    """Make `log` and `run` below `root`, 0700 and the account's."""
    _private(root / "log", account)
    run = root / "run"
    if len(os.fsencode(run / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_LIMIT:
        if run.is_symlink():
            run.unlink()
        _private(run, account)
    else:
        _link(run, _short_folder(home, account))
    return Layout(root=root, run=run.resolve())


def _private(folder: Path, account: Account) -> None:
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return
    account.own(folder)


def _short_folder(home: Path, account: Account) -> Path:
    """A private folder with a short path, named after `home`: in the user's runtime folder, else in /tmp."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and not account.is_other and len(runtime) < SOCKET_PATH_LIMIT // 2 and Path(runtime).is_dir():
        folder = Path(runtime) / f"tieout-{_digest(home)}"
    else:
        folder = Path("/tmp") / f"tieout-{account.uid}-{_digest(home)}"  # noqa: S108 - checked to be ours, below
    _private(folder, account)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != account.uid or status.st_mode & 0o077:
        raise SocketFolderTaken(folder)
    return folder


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    if link.is_symlink():
        link.unlink()
    elif link.exists():
        link.rmdir()
    link.symlink_to(target)


def _digest(home: Path) -> str:
    return hashlib.sha256(os.fsencode(home.absolute())).hexdigest()[:12]
