"""The embedded PostgreSQL: one owner; started, kept running, stopped; whatever the last owner left behind."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from recon.config import Settings
from recon.store.embedded import own, serving
from recon.store.engine import connect, connection_string
from recon.store.migrate import migrate
from recon.store.postgres import account as accounts
from recon.store.postgres import cluster, layout, postmaster, programs, supervisor
from recon.store.postgres.problems import AlreadyOwned, KeepsFailing, StartFailed, WrongMajor, WrongOwner
from tests.server import scratch

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A home with a cluster in it, to copy: making one takes longer than most tests here."""
    with _open_folder() as folder:
        with own(folder / "home"):
            pass
        _override(folder / "home", "fsync = off\nshared_buffers = 32MB\n")
        yield folder / "home"


@pytest.fixture
def bare() -> Iterator[Path]:
    """A home that does not exist yet."""
    with _open_folder() as folder:
        yield folder / "home"


@pytest.fixture
def place(made: Path, bare: Path) -> Path:
    """A home with a stopped cluster."""
    subprocess.run(["cp", "-a", str(made), str(bare)], check=True)
    return bare


@contextmanager
def _open_folder() -> Iterator[Path]:
    """A folder that any user may pass through, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="tieout-test-", dir=scratch()))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def test_what_was_committed_is_there_after_the_next_start(bare: Path) -> None:
    with own(bare):
        _run(bare, "create table kept (n int)", "insert into kept values (1)")
    assert postmaster.running_pid(layout.find(bare)) is None
    with own(bare):
        assert _value(bare, "select n from kept") == 1


def test_a_cluster_from_before_the_applications_role_gets_it_with_the_next_start(place: Path) -> None:
    with own(place), psycopg.connect(postmaster.connection_string(layout.find(place)), autocommit=True) as connection:
        connection.execute(f"drop role {cluster.APPLICATION}")
    with own(place):
        engine = connect(_settings(place))
        migrate(engine)
        with engine.connect() as connection:
            who = connection.execute(text("select current_user, has_table_privilege('audit_event', 'delete')")).one()
        engine.dispose()
    assert tuple(who) == (cluster.APPLICATION, False)


def test_it_is_safe_private_and_the_same_on_every_machine(bare: Path) -> None:
    with own(bare):
        wanted = {
            "data_checksums": "on",
            "fsync": "on",
            "full_page_writes": "on",
            "synchronous_commit": "on",
            "listen_addresses": "",
            "server_encoding": "UTF8",
            "TimeZone": "UTC",
            "server_version_num": "18",
        }
        assert {
            name: str(_value(bare, f"show {name}"))[: len(value) or None] for name, value in wanted.items()
        } == wanted
        assert _value(bare, "select datlocale from pg_database where datname = current_database()") == "C.UTF-8"
        found = layout.find(bare)
        for folder in (found.data, found.run, found.log):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            assert folder.stat().st_uid == accounts.choose(found.data).uid != 0


def test_what_the_user_sets_in_recon_conf_holds(place: Path) -> None:
    _override(place, "work_mem = 7MB\n")
    with own(place):
        assert _value(place, "show work_mem") == "7MB"


def test_a_long_path_gets_a_short_private_socket_folder(bare: Path) -> None:
    home = bare / ("long" * 30)
    with own(home):
        run = layout.find(home).run
        assert not run.is_relative_to(bare)
        assert stat.S_IMODE(run.stat().st_mode) == 0o700
        assert _value(home, "select 1") == 1
    run.rmdir()


def test_a_second_owner_is_refused_and_told_who_the_first_is(place: Path) -> None:
    with own(place), pytest.raises(AlreadyOwned, match=f"process {os.getpid()}"):
        own(place).start()
    with own(place):
        pass


def test_a_child_process_does_not_hold_the_lock(place: Path) -> None:
    with own(place):
        child = os.fork()
        if not child:
            time.sleep(600)
    try:
        with own(place):
            pass
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@pytest.mark.crash
def test_the_owner_killed_leaves_nothing_in_the_way(place: Path) -> None:
    owner = _owner_process(place)
    _run(place, "create table kept (n int)", "insert into kept values (1)")
    owner.kill()
    owner.wait()
    with own(place):
        assert _value(place, "select n from kept") == 1


@pytest.mark.crash
def test_the_postmaster_killed_during_a_copy_loses_only_what_was_not_committed(place: Path) -> None:
    with own(place) as server:
        _run(place, "create table kept (n int)", "insert into kept select generate_series(1, 1000)")
        first = server.pid
        writer = threading.Thread(target=_copy_for_ever, args=(connection_string(_settings(place)),))
        writer.start()
        _until(lambda: _value(place, "select count(*) from pg_stat_progress_copy where tuples_processed > 5000") == 1)
        os.kill(first, signal.SIGKILL)
        writer.join()
        _until(lambda: server.pid != first and postmaster.answers(layout.find(place)))
        assert _value(place, "select count(*) from kept") == 1000


@pytest.mark.crash
def test_a_pool_of_connections_survives_a_restart(place: Path) -> None:
    with own(place) as server:
        engine = connect(_settings(place))
        with engine.connect() as connection:
            connection.execute(text("select 1"))
        first = server.pid
        os.kill(first, signal.SIGKILL)
        _until(lambda: server.pid != first and postmaster.answers(layout.find(place)))
        with engine.connect() as connection:
            assert connection.execute(text("select 2")).scalar() == 2
        engine.dispose()


@pytest.mark.crash
def test_owner_and_postmaster_killed_together_need_no_manual_step(place: Path) -> None:
    owner = _owner_process(place)
    _run(place, "create table kept (n int)", "insert into kept values (1)")
    pid = postmaster.running_pid(layout.find(place))
    assert pid
    os.kill(pid, signal.SIGKILL)
    owner.kill()
    owner.wait()
    with own(place):
        assert _value(place, "select n from kept") == 1


def test_a_stale_pid_file_that_names_a_living_stranger_harms_neither(place: Path) -> None:
    found = layout.find(place)
    account = accounts.choose(found.data)
    stranger = subprocess.Popen(["sleep", "600"], **({"user": account.uid} if account.is_other else {}))  # type: ignore[call-overload]
    try:
        _write_pid_file(found, stranger.pid)
        with own(place) as server:
            assert server.pid != stranger.pid
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_postmaster_left_running_is_adopted_and_stopped(place: Path) -> None:
    found = layout.find(place)
    orphan = _postmaster_without_owner(found)
    with own(place) as server:
        assert server.pid == orphan.pid
        assert _value(place, "select 1") == 1
    assert orphan.wait() == 0


def test_a_half_made_cluster_is_thrown_away(bare: Path) -> None:
    (bare / "postgres" / "data.init").mkdir(parents=True)
    (bare / "postgres" / "data.init" / "PG_VERSION").write_text("18\n")
    for folder in (bare, bare / "postgres"):
        folder.chmod(0o711)
    with own(bare):
        assert _value(bare, "select 1") == 1
    assert not (bare / "postgres" / "data.init").exists()


def test_the_folder_of_another_major_version_is_left_alone(place: Path) -> None:
    version = layout.find(place).data / "PG_VERSION"
    version.write_text("16\n")
    with pytest.raises(WrongMajor, match="made by PostgreSQL 16"):
        own(place).start()
    version.write_text("18\n")
    with own(place):
        pass


def test_a_folder_of_someone_else_is_left_alone(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)
    monkeypatch.setattr(
        accounts, "_account", lambda uid: accounts.Account(name="ann", uid=uid, gid=uid, is_other=False)
    )
    with pytest.raises(WrongOwner, match="Start Tieout as"):
        own(place).start()


def test_a_start_that_fails_shows_the_last_words_and_frees_the_lock(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "BACK_OFF_SECONDS", (0, 0, 0, 0, 0))
    _override(place, "shared_buffers = lots\n")
    with pytest.raises(StartFailed, match=r"(?s)shared_buffers.*lots"):
        own(place).start()
    _override(place, "")
    with own(place):
        pass


@pytest.mark.crash
def test_one_that_keeps_failing_is_left_stopped_with_a_reason(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "BACK_OFF_SECONDS", (0, 0, 0, 0, 0))
    server = own(place)
    server.start()
    _override(place, "shared_buffers = lots\n")
    os.kill(server.pid, signal.SIGKILL)
    server.lost.wait()
    with pytest.raises(KeepsFailing, match=r"(?s)5 times.*shared_buffers"):
        server.stop()
    _override(place, "")
    with own(place):
        assert _value(place, "select 1") == 1


def test_serving_starts_a_database_for_a_while_or_uses_the_one_that_runs(bare: Path) -> None:
    settings = _settings(bare)
    with serving(settings):
        assert _value(bare, "select 1") == 1
        with serving(settings):
            assert _value(bare, "select 2") == 2
        assert _value(bare, "select 3") == 3
    assert postmaster.running_pid(layout.find(bare)) is None


def test_serving_a_server_starts_nothing(bare: Path) -> None:
    with serving(Settings(DATABASE_URL="postgresql://db.example/books", RECON_HOME=bare, _env_file=None)):
        assert not bare.exists()


def _settings(home: Path) -> Settings:
    return Settings(DATABASE_URL=None, RECON_HOME=home, _env_file=None)


def _override(home: Path, settings: str) -> None:
    path = layout.find(home).root / "recon.conf"
    path.write_text(settings)
    path.chmod(0o644)


def _run(home: Path, *statements: str) -> None:
    with psycopg.connect(connection_string(_settings(home))) as connection:
        for statement in statements:
            connection.execute(statement)  # type: ignore[call-overload]


def _value(home: Path, query: str) -> object:
    with psycopg.connect(connection_string(_settings(home))) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[call-overload]
    return row[0] if row else None


def _until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.02)


def _copy_for_ever(address: str) -> None:
    """Commits one row to see, then copies until the server goes away."""
    try:
        with (
            psycopg.connect(address) as connection,
            connection.cursor() as cursor,
            cursor.copy("copy kept from stdin") as copy,
        ):
            while True:
                copy.write("7\n" * 1000)
    except psycopg.OperationalError:
        return


def _owner_process(home: Path) -> subprocess.Popen[str]:
    """Another process that owns the database of this home; returns when it answers."""
    program = """
import sys, time
from pathlib import Path
from recon.store.embedded import own
own(Path(sys.argv[1])).start()
print("ready", flush=True)
time.sleep(600)
"""
    owner = subprocess.Popen([sys.executable, "-c", program, str(home)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert owner.stdout
    assert owner.stdout.readline() == "ready\n"
    owner.stdout.close()
    return owner


def _write_pid_file(found: layout.Layout, pid: int) -> None:
    path = found.data / "postmaster.pid"
    path.write_text(f"{pid}\n{found.data}\n{int(time.time())}\n5432\n{found.run}\n\n  0  0\nready   \n")
    os.chown(path, found.data.stat().st_uid, found.data.stat().st_gid)


def _postmaster_without_owner(found: layout.Layout) -> subprocess.Popen[bytes]:
    """As on a system where the postmaster outlives its owner."""
    account = accounts.choose(found.data)
    command = [
        str(programs.find(account, found.programs).postgres),
        "-D",
        str(found.data),
        "-k",
        str(found.run),
        "-p",
        str(layout.PORT),
    ]
    other = {"user": account.uid, "group": account.gid, "extra_groups": []} if account.is_other else {}
    orphan = subprocess.Popen(
        command,
        cwd=found.root,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        **other,  # type: ignore[call-overload]
    )
    _until(lambda: postmaster.answers(found))
    return orphan
