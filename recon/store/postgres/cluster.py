"""Making the cluster (the data folder) and checking that a found one is ours to run."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from recon.store.postgres.account import Account
from recon.store.postgres.layout import Layout
from recon.store.postgres.problems import StartFailed, WrongMajor
from recon.store.postgres.programs import MAJOR, Programs
from recon.store.roles import SUFFIX

SUPERUSER = "postgres"
OWNER = "tieout"
"""Role that owns our database, and the database's name; no superuser."""

APPLICATION = OWNER + SUFFIX
"""Role the application works in; owns nothing."""

MIB = 1024 * 1024


def ensure(layout: Layout, programs: Programs, account: Account) -> bool:
    """Make the cluster unless it is there; whether it was made. A half-made one is thrown away first."""
    if layout.data.exists():
        _check_version(layout.data)
        return False
    shutil.rmtree(layout.half_made, ignore_errors=True)
    layout.half_made.mkdir(mode=0o700)
    account.own(layout.half_made)
    _initdb(layout, programs, account)
    for name, text in _files(account).items():
        (layout.half_made / name).write_text(text)
    layout.half_made.rename(layout.data)
    return True


def _check_version(data: Path) -> None:
    try:
        found = (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        found = "an unknown version"
    if found != str(MAJOR):
        raise WrongMajor(data, found, MAJOR)


def _initdb(layout: Layout, programs: Programs, account: Account) -> None:
    """Independent of the machine's locale and C library: collations are PostgreSQL's own."""
    command = [
        *(str(programs.initdb), "--pgdata", str(layout.half_made), "--username", SUPERUSER, "--encoding=UTF8"),
        *("--auth-local=peer", "--auth-host=reject", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        "--data-checksums",
    ]
    other = {"user": account.uid, "group": account.gid, "extra_groups": []} if account.is_other else {}
    made = subprocess.run(  # noqa: S603 - the wheel's own program
        command,
        cwd=layout.root,
        env={"LC_ALL": "C", "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
        umask=0o077,
        **other,  # type: ignore[call-overload]
    )
    if made.returncode:
        raise StartFailed(layout.log, "\n".join((made.stdout + made.stderr).strip().splitlines()[-5:]))


def _files(account: Account) -> dict[str, str]:
    """Written once, over initdb's own. What a user wants different goes to `<home>/postgres/recon.conf`."""
    names = "\n".join(f"recon {user} {role}" for user in account.client_names() for role in (SUPERUSER, OWNER))
    settings = "\n".join(f"{name} = {value}" for name, value in _settings().items())
    return {
        "postgresql.conf": f"{settings}\ninclude_if_exists = '../recon.conf'\n",
        "pg_hba.conf": "local all all peer map=recon\n",
        "pg_ident.conf": f"{names}\n",
    }


def _settings() -> dict[str, str]:
    memory = _memory_bytes() // MIB
    settings = {
        "listen_addresses": "''",
        "unix_socket_permissions": "0700",
        "max_connections": "60",
        "shared_buffers": f"{max(256, min(memory // 4, 1024))}MB",
        "effective_cache_size": f"{max(512, memory // 2)}MB",
        "work_mem": "32MB",
        "maintenance_work_mem": "256MB",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "10min",
        "wal_compression": "pglz",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "logging_collector": "on",
        "log_directory": "'../log'",
        "log_filename": "'pg-%a.log'",
        "log_rotation_age": "1d",
        "log_truncate_on_rotation": "on",
        "log_min_duration_statement": "2000",
        "log_lock_waits": "on",
        "log_timezone": "UTC",
        "timezone": "UTC",
        "client_connection_check_interval": "1000",
        "idle_in_transaction_session_timeout": "60s",
        "jit": "off",
        "max_parallel_workers_per_gather": "2",
    }
    if _shared_memory_bytes() < 1024 * MIB:  # containers get 64 MB of it
        settings["dynamic_shared_memory_type"] = "mmap"
    return settings


def _memory_bytes() -> int:
    """What this machine, or the container we are in, has."""
    physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return physical
    return min(physical, int(limit)) if limit.isdecimal() else physical


def _shared_memory_bytes() -> int:
    """Size of /dev/shm; on a system without one, enough."""
    try:
        status = os.statvfs("/dev/shm")  # noqa: S108 - looked at, not written to
    except OSError:
        return 1024 * MIB
    return status.f_frsize * status.f_blocks
