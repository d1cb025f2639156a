"""The answer to a COMMIT is lost: whether the result is in is read, never assumed, so there is one either way."""

from __future__ import annotations

import pytest
from sqlalchemy import URL

from recon.config import Settings
from recon.store.engine import connect
from recon.workflows.run_in_foreground import finish_run
from tests.scenarios.lossy import Lossy
from tests.scenarios.office import Office

pytestmark = pytest.mark.crash


@pytest.mark.parametrize("keeps_commit", [True, False], ids=["answer_lost", "commit_lost"])
def test_a_lost_commit_ends_in_one_result(office: Office, database: URL, keeps_commit: bool) -> None:
    run_id = office.ask()
    lossy = Lossy(server=f"{database.query['host']}/.s.PGSQL.5432", keeps_commit=keeps_commit)
    with lossy.url(database) as url:
        engine = connect(Settings(DATABASE_URL=url.render_as_string(hide_password=False), _env_file=None))
        done = finish_run(engine, office.evidence, run_id, lease_seconds=60)
        engine.dispose()
    assert lossy.has_struck.is_set()
    assert done.published_attempt == (1 if keeps_commit else 2)
    office.assert_published_once(run_id)
