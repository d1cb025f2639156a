"""Which file system a folder is on: PostgreSQL loses data on network ones, and locks there prove little."""

from __future__ import annotations

import re
from pathlib import Path

from recon.store.postgres.problems import FolderOnNetwork

NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "glusterfs", "lustre", "fuse.sshfs", "afs", "davfs"}
)


def refuse_network(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> None:
    """Raise when the folder, existing or not, would be on a network file system. Linux only: elsewhere not known."""
    try:
        lines = mounts.read_text().splitlines()
    except OSError:
        return
    kind = kind_of(folder, lines)
    if kind in NETWORK:
        raise FolderOnNetwork(folder, kind)


def kind_of(folder: Path, lines: list[str]) -> str:
    """The type of the innermost mount point above the folder, from lines as in /proc/mounts; '' when none is."""
    places: dict[Path, str] = {}
    for line in lines:
        _device, place, kind, *_ = line.split(" ")
        places[Path(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), place))] = kind
    real = folder.resolve()
    return next((places[part] for part in (real, *real.parents) if part in places), "")
