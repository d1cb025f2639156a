"""Who runs the postmaster: the user who started Tieout, or, as PostgreSQL refuses root, an unprivileged account.

A cluster keeps the account that owns it: another one would not be let in by PostgreSQL itself.
"""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from recon.store.postgres.problems import NamelessUser, NoAccount, WrongOwner

ACCOUNTS_FOR_ROOT = ("postgres", "nobody")
"""Tried in this order when root starts Tieout; both are made by the operating system or its PostgreSQL package."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An operating system user. `is_other` when it is not the user this process runs as (that is: we are root)."""

    name: str
    uid: int
    gid: int
    is_other: bool

    def own(self, path: Path) -> None:
        """Give one path we made to the account; nothing to do when it is ours already."""
        if self.is_other:
            os.chown(path, self.uid, self.gid)

    def client_names(self) -> tuple[str, ...]:
        """Operating system users that may connect: the account, and root when root started it."""
        return ("root", self.name) if self.is_other else (self.name,)


def choose(cluster: Path) -> Account:
    """The account for the cluster in this folder, which need not exist yet. Raises when there is none."""
    uid = os.geteuid()
    owner = cluster.stat().st_uid if cluster.exists() else None
    if uid != 0:
        account = _account(uid)
        if owner not in (None, uid):
            raise WrongOwner(cluster, _name(owner), account.name)
        return account
    if owner == 0:
        raise WrongOwner(cluster, "root", " or ".join(ACCOUNTS_FOR_ROOT))
    return _account(owner) if owner is not None else _first_for_root()


def may_enter(folder: Path, account: Account) -> bool:
    """Whether the account may pass through every folder on the way to this one, going by their mode bits."""
    groups = set(os.getgrouplist(account.name, account.gid))
    for part in (folder, *folder.parents):
        status = part.stat()
        if status.st_uid == account.uid:
            bit = 0o100
        elif status.st_gid in groups:
            bit = 0o010
        else:
            bit = 0o001
        if not status.st_mode & bit:
            return False
    return True


def _first_for_root() -> Account:
    for name in ACCOUNTS_FOR_ROOT:
        try:
            return _account(pwd.getpwnam(name).pw_uid)
        except KeyError:
            continue
    raise NoAccount(ACCOUNTS_FOR_ROOT)


def _account(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise NamelessUser(uid) from None
    return Account(name=entry.pw_name, uid=uid, gid=entry.pw_gid, is_other=os.geteuid() != uid)


def _name(uid: int | None) -> str:
    try:
        return pwd.getpwuid(uid or 0).pw_name
    except KeyError:
        return f"user id {uid}"
