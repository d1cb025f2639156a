"""`feeds`: what came, whether it follows, and what is missing; the exit status says whether to look."""

from __future__ import annotations

import io
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from recon.model.feed import Arrival, Every
from recon.store.evidence import Evidence
from recon.store.feed_tables import feed_file
from recon.store.tables import feed
from recon.workflows import read_upload
from recon.workflows.expect_files import expect_files
from recon.workflows.read_for_feed import read_for_feed
from recon.workflows.receive_upload import receive_upload
from recon.workflows.store_reading import store_reading
from tests.cli.conftest import Command

pytestmark = pytest.mark.usefixtures("stored")

FEED = "Bank vs ledger / source"
CONTENT = b"date,reference,amount,currency\n2026-03-02,INV-1,10.00,EUR\n2026-03-03,INV-2,-2.50,EUR\n"


@pytest.fixture(autouse=True)
def one_file(engine: Engine, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A feed with one file."""
    monkeypatch.setattr(read_upload, "_read_in_child", store_reading)
    evidence = Evidence(str(home / "evidence"))
    receipt = receive_upload(engine, evidence, io.BytesIO(CONTENT), filename="march.csv", actor="ana")
    read_for_feed(engine, evidence, receipt.upload.id, feed=FEED, actor="ana")


def test_the_feeds_are_listed(tieout: Command) -> None:
    told = tieout("feeds", "list", "--json")
    (one,) = told.document["feeds"]
    assert (told.status, one["feed"], one["newest_file"], one["missing"]) == (0, FEED, "march.csv", [])
    assert "march.csv" in tieout("feeds", "list").stdout


def test_one_feed_shows_its_files(tieout: Command) -> None:
    told = tieout("feeds", "show", FEED, "--json")
    (file,) = told.document["files"]
    assert (file["rows"]["accepted"], file["totals"][0]["credits"], file["totals"][0]["debits"]) == (2, "10.00", "2.50")
    assert "Files: 1." in tieout("feeds", "show", FEED).stdout


def test_a_missing_file_ends_the_command_with_1(tieout: Command, engine: Engine) -> None:
    expect_files(engine, feed=FEED, arrival=Arrival(every=Every.WEEK, by=time(9, 0), zone="UTC", day=1), actor="ana")
    with engine.begin() as conn:
        long_ago = datetime.now(UTC) - timedelta(days=15)
        conn.execute(update(feed).values(arrival_since=long_ago))
        conn.execute(update(feed_file).values(came_at=long_ago))
    told = tieout("feeds", "list", "--json")
    assert (told.status, len(told.document["feeds"][0]["missing"])) == (1, 2)
    assert "has not come" in tieout("feeds", "show", FEED).stdout


def test_a_feed_nobody_knows_is_a_sentence(tieout: Command) -> None:
    told = tieout("feeds", "show", "Nobody / source")
    assert (told.status, "There is no feed 'Nobody / source'" in told.stderr) == (2, True)
