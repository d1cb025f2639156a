"""Where the embedded PostgreSQL keeps its things, and as whom it runs, on awkward machines."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from recon.config import Settings
from recon.store.embedded import own
from recon.store.engine import connection_string
from recon.store.postgres import account as accounts
from recon.store.postgres import layout, programs
from recon.store.postgres.account import Account, may_enter
from recon.store.postgres.filesystem import kind_of, refuse_network
from recon.store.postgres.problems import (
    EmbeddedNotSupported,
    FolderNotWritable,
    FolderOnNetwork,
    NamelessUser,
    NoAccount,
    ProgramsMissing,
    SocketFolderTaken,
    WrongOwner,
)

ROOT = Path(__file__).parents[2]
NOBODY = pwd.getpwnam("nobody")
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become someone else")


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in the place of /var/lib/tieout."""
    with tempfile.TemporaryDirectory(prefix="tieout-test-") as folder:
        Path(folder).chmod(0o711)
        monkeypatch.setattr(layout, "OUTSIDE_HOME", Path(folder) / "tieout")
        yield Path(folder) / "tieout"


@AS_ROOT
def test_root_in_a_private_home_gets_a_cluster_outside_it(tmp_path: Path, outside: Path) -> None:
    tmp_path.chmod(0o700)
    home = tmp_path / "home"
    said: list[str] = []
    for _first_and_second_start in range(2):
        with own(home, say=said.append):
            found = layout.find(home)
            assert found.root.parent == outside
            with psycopg.connect(connection_string(_settings(home))) as connection:
                assert connection.execute("select current_user").fetchone() == ("tieout",)
    assert stat.S_IMODE(found.data.stat().st_mode) == 0o700
    assert f"The database is kept in {found.root}" in said[0]


@AS_ROOT
def test_programs_that_the_account_cannot_reach_are_copied_whole(
    tmp_path: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "private" / programs.PACKAGE
    package.parent.mkdir(mode=0o700)
    for name in (programs.PACKAGE, f"{programs.PACKAGE}.libs"):
        original = programs._package().parent / name
        if original.exists():
            subprocess.run(["cp", "-a", str(original), str(package.parent)], check=True)
    monkeypatch.setattr(programs, "_package", lambda: package)
    account = accounts.choose(tmp_path / "none")
    outside.mkdir(mode=0o711)
    found = programs.find(account, outside / "programs")
    assert found.folder.is_relative_to(outside)
    for program in (found.postgres, found.initdb):
        said = subprocess.run([program, "--version"], user=account.uid, capture_output=True, text=True, check=True)
        assert f"(PostgreSQL) {programs.MAJOR}." in said.stdout
    assert programs.find(account, outside / "programs") == found


@AS_ROOT
def test_an_ordinary_user_owns_everything_and_another_one_is_not_let_in(tmp_path: Path) -> None:
    _skip_unless_reachable(Path(sys.executable).resolve())
    with tempfile.TemporaryDirectory(prefix="tieout-test-") as folder:
        os.chown(folder, NOBODY.pw_uid, NOBODY.pw_gid)
        program = f"""
import os, sys, psycopg
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from recon.config import Settings
from recon.store.embedded import own
from recon.store.engine import connection_string
home = Path({folder!r}) / "home"
with own(home) as server:
    with psycopg.connect(connection_string(Settings(DATABASE_URL=None, RECON_HOME=home, _env_file=None))) as c:
        print(c.execute("select current_user").fetchone()[0], os.stat(home / "postgres" / "data").st_uid)
"""
        said = subprocess.run(
            [sys.executable, "-c", program], user=NOBODY.pw_uid, group=NOBODY.pw_gid, extra_groups=[], cwd="/",
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert said.stdout.split() == ["tieout", str(NOBODY.pw_uid)], said.stderr


def test_a_folder_that_cannot_be_written_is_one_sentence() -> None:
    with pytest.raises(FolderNotWritable, match=r"cannot write to /proc/.*Set RECON_HOME"):
        own(Path("/proc/tieout/home")).start()


def test_a_user_without_a_name_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)
    with pytest.raises(NamelessUser, match="User id 4000000 has no name"):
        accounts.choose(tmp_path / "none")


def test_root_without_an_account_to_use_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(accounts, "ACCOUNTS_FOR_ROOT", ("no-such-user",))
    with pytest.raises(NoAccount, match="never runs as root"):
        accounts.choose(tmp_path / "none")


@AS_ROOT
def test_a_cluster_that_root_owns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongOwner, match="belongs to root"):
        accounts.choose(tmp_path)


@AS_ROOT
def test_root_runs_a_cluster_as_the_user_who_owns_it(tmp_path: Path) -> None:
    os.chown(tmp_path, NOBODY.pw_uid, NOBODY.pw_gid)
    chosen = accounts.choose(tmp_path)
    assert (chosen.name, chosen.is_other) == ("nobody", True)


@pytest.mark.parametrize(
    ("mode", "uid", "gid", "allowed"),
    [
        (0o700, 1, 1, False),
        (0o711, 1, 1, True),
        (0o710, 1, os.getegid(), True),
        (0o710, 1, 99_999, False),
        (0o677, os.geteuid(), 1, False),
        (0o700, os.geteuid(), 1, True),
    ],
)
def test_who_may_enter_a_folder_is_read_from_its_mode(mode: int, uid: int, gid: int, allowed: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="tieout-test-") as folder:
        Path(folder).chmod(mode)
        assert may_enter(Path(folder), Account(name="nobody", uid=uid, gid=gid, is_other=True)) is allowed
        Path(folder).chmod(0o700)


MOUNTS = [
    "/dev/vda / ext4 rw 0 0",
    "server:/export /mnt/share nfs4 rw 0 0",
    r"//nas/x /mnt/my\040share cifs rw 0 0",
    "tmpfs /mnt/share/fast tmpfs rw 0 0",
]


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/srv/tieout", "ext4"),
        ("/mnt/share", "nfs4"),
        ("/mnt/share/tieout", "nfs4"),
        ("/mnt/share/fast/x", "tmpfs"),
        ("/mnt/sharedstuff", "ext4"),
        ("/mnt/my share/tieout", "cifs"),
    ],
)
def test_the_innermost_mount_decides_the_file_system(folder: str, kind: str) -> None:
    assert kind_of(Path(folder), MOUNTS) == kind


def test_a_network_file_system_is_refused(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("\n".join(MOUNTS))
    with pytest.raises(FolderOnNetwork, match=r"\(nfs4\)"):
        refuse_network(Path("/mnt/share/tieout"), mounts)
    refuse_network(Path("/srv/tieout"), mounts)
    refuse_network(Path("/srv/tieout"), tmp_path / "none")


def test_a_socket_folder_prepared_by_a_stranger_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    root = home / "postgres"
    root.mkdir(parents=True)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    account = Account(name="me", uid=os.geteuid(), gid=os.getegid(), is_other=False)
    taken = layout.make_folders(home, root, account).run
    taken.chmod(0o755)
    with pytest.raises(SocketFolderTaken, match=str(taken)):
        layout.make_folders(home, root, account)
    taken.rmdir()
    taken.symlink_to(tmp_path)
    with pytest.raises(SocketFolderTaken):
        layout.make_folders(home, root, account)
    taken.unlink()


def test_the_users_runtime_folder_is_preferred_for_a_short_socket_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / ("long" * 30)
    root = home / "postgres"
    root.mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir="/tmp") as runtime:
        monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
        account = Account(name="me", uid=os.geteuid(), gid=os.getegid(), is_other=False)
        assert layout.make_folders(home, root, account).run.parent == Path(runtime)
        assert layout.find(home).run.parent == Path(runtime)


def test_without_the_wheel_the_sentence_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "find_spec", lambda _name: None)
    with pytest.raises(ProgramsMissing, match="make setup"):
        programs.find(Account(name="me", uid=1, gid=1, is_other=False), tmp_path)


def test_on_windows_a_server_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "name", "nt")
    with pytest.raises(EmbeddedNotSupported, match="Set DATABASE_URL"):
        own(tmp_path)


def _skip_unless_reachable(path: Path) -> None:
    account = Account(name="nobody", uid=NOBODY.pw_uid, gid=NOBODY.pw_gid, is_other=True)
    if not may_enter(path.parent, account) or not may_enter(ROOT, account):
        pytest.skip("this Python is in a private folder")


def _settings(home: Path) -> Settings:
    return Settings(DATABASE_URL=None, RECON_HOME=home, _env_file=None)
