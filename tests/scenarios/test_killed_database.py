"""PostgreSQL killed in the middle of a publication: after its restart there is one result, whole."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from recon.config import Settings
from recon.store.embedded import own
from recon.store.engine import connect, connection_string
from recon.store.evidence import Evidence
from recon.store.migrate import migrate
from tests.scenarios.office import Office, until

pytestmark = pytest.mark.crash


@pytest.fixture
def place() -> Iterator[Path]:
    """A home of its own, for a server that may be killed; not below pytest's folder, which a server cannot enter."""
    folder = Path(tempfile.mkdtemp(prefix="tieout-killed-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("stage", ["publish", "published"])
def test_a_database_killed_while_a_run_is_published_ends_in_one_result(place: Path, stage: str) -> None:
    settings = Settings(RECON_HOME=place, DATABASE_URL=None, _env_file=None)
    with own(place) as server:
        engine = connect(settings)
        migrate(engine)
        office = Office(
            engine=engine,
            evidence=Evidence(str(place / "evidence")),
            database_url=connection_string(settings),
            home=place,
        )
        run_id = office.ask(stage=stage, what="hold", rows_done=1)
        with office.worker() as worker:
            office.held(run_id)
            first = server.pid
            os.kill(first, signal.SIGKILL)
            office.let_go(run_id)
            until(lambda: server.pid not in (0, first), "the database did not come back")
            office.ended(run_id)
            assert worker.poll() is None
        office.assert_published_once(run_id)
        assert office.run(run_id).published_attempt == (1 if stage == "published" else 2)
        engine.dispose()
