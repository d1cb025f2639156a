"""Feeds as an operator uses them: what came, what is missing, what follows, and which column means what."""

from __future__ import annotations

import io
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import Engine, update

from recon.config import Settings
from recon.model.feed import Arrival, Every, feed_name
from recon.model.transactions import Side
from recon.queries.feeds import feed_files, mapping_versions, one_feed
from recon.store.evidence import Evidence
from recon.store.feed_tables import feed_file
from recon.store.tables import feed
from recon.workflows import read_upload
from recon.workflows.expect_files import expect_files
from recon.workflows.read_for_feed import FeedReading, read_for_feed
from recon.workflows.receive_upload import receive_upload
from recon.workflows.store_reading import store_reading
from tests.pages.conftest import Visit
from tests.pages.shown import buttons, text

FEED = feed_name("Bank vs ledger", Side.SOURCE)
HEADER = "date,description,amount,balance,currency\n"
FIRST = HEADER + "2026-03-02,Rent,-10.00,90.00,EUR\n2026-03-03,Tea,-5.00,85.00,EUR\n2026-03-04,Sale,20.00,105.00,EUR\n"
NEXT = HEADER + "2026-03-05,Rent,-5.00,100.00,EUR\n2026-03-06,Tea,-5.00,95.00,EUR\n2026-03-09,Sale,20.00,115.00,EUR\n"
LATER = NEXT.replace("100.00", "99.00").replace("95.00", "94.00").replace("115.00", "114.00")
HOSTILE = "![x](evil.png)"


@pytest.fixture(autouse=True)
def files_are_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in a process for each: what such a process is good for is tested with the workflow."""
    monkeypatch.setattr(read_upload, "_read_in_child", store_reading)


@pytest.fixture
def evidence(settings: Settings) -> Evidence:
    return Evidence(settings.evidence_location())


def send(engine: Engine, evidence: Evidence, content: str, filename: str) -> FeedReading:
    receipt = receive_upload(engine, evidence, io.BytesIO(content.encode()), filename=filename, actor="ana")
    return read_for_feed(engine, evidence, receipt.upload.id, feed=FEED, actor="ana")


def test_without_a_feed_the_page_says_where_one_comes_from(visit: Visit) -> None:
    at = visit("feeds")
    assert not at.exception
    assert "No feed yet" in text(at)


def test_a_feed_shows_its_files_and_what_they_state(visit: Visit, engine: Engine, evidence: Evidence) -> None:
    send(engine, evidence, FIRST, f"{HOSTILE}.csv")
    send(engine, evidence, NEXT, "next.csv")
    at = visit("feeds", feed=FEED)
    assert not at.exception
    feeds, files, *_ = (frame.value for frame in at.dataframe)
    assert feeds.loc[0, ["State", "Controls", "Balances", "Files"]].tolist() == [
        ["In order"], "1 of 1 agree", "Follow", "2"
    ]  # fmt: skip
    assert files["File"].tolist() == ["next.csv", f"{HOSTILE}.csv"]
    assert files["Net"].tolist() == ["10.00 EUR", "5.00 EUR"]
    assert "![x](" not in text(at)


def test_a_balance_that_does_not_follow_stands_first(visit: Visit, engine: Engine, evidence: Evidence) -> None:
    send(engine, evidence, FIRST, "first.csv")
    send(engine, evidence, LATER, "later.csv")
    at = visit("feeds")
    assert at.dataframe[0].value.loc[0, "Balances"] == "1 gap"
    assert "1\\.00 EUR moved in between" in text(at)


def test_the_file_in_the_url_is_open(visit: Visit, engine: Engine, evidence: Evidence) -> None:
    send(engine, evidence, FIRST, "first.csv")
    send(engine, evidence, NEXT, "next.csv")
    oldest = feed_files(engine, one_feed(engine, FEED).id)[-1]
    at = visit("feeds", feed=FEED, file=str(oldest.id))
    assert f"**{oldest.filename.replace('.', chr(92) + '.')}**" in text(at)


def test_a_file_set_aside_counts_for_nothing_and_stays(visit: Visit, engine: Engine, evidence: Evidence) -> None:
    send(engine, evidence, FIRST, "first.csv")
    send(engine, evidence, LATER, "later.csv")
    at = visit("feeds", feed=FEED)
    at = at.button(key="file_aside").click().run()
    assert at.dataframe[0].value.loc[0, ["Balances", "Files"]].tolist() == ["–", "1"]
    assert at.dataframe[1].value["Known"].tolist() == ["Set aside", "–"]
    at = at.button(key="file_aside").click().run()
    assert at.dataframe[0].value.loc[0, "Files"] == "2"


def test_a_missing_file_is_said_on_the_page(visit: Visit, engine: Engine, evidence: Evidence) -> None:
    send(engine, evidence, FIRST, "first.csv")
    expect_files(
        engine, feed=FEED, arrival=Arrival(every=Every.WEEK, by=time(9, 0), zone="Europe/Berlin", day=1), actor="ana"
    )
    long_ago = datetime.now(UTC) - timedelta(days=30)
    with engine.begin() as conn:
        conn.execute(update(feed).values(arrival_since=long_ago))
        conn.execute(update(feed_file).values(came_at=long_ago))
    at = visit("feeds")
    assert at.dataframe[0].value.loc[0, "State"] == ["File missing"]
    assert "has not come" in at.warning[0].value


def test_the_arrival_form_saves_what_is_expected(visit: Visit, engine: Engine, evidence: Evidence) -> None:
    send(engine, evidence, FIRST, "first.csv")
    at = visit("feeds", feed=FEED, view="Arrival")
    number = one_feed(engine, FEED).id
    at = at.selectbox(key=f"every_{number}").set_value(Every.BUSINESS_DAY).run()
    at = at.selectbox(key=f"calendar_{number}").set_value("DE").run()
    at = at.button(key="save_arrival").click().run()
    assert not at.exception
    assert one_feed(engine, FEED).arrival == Arrival(every=Every.BUSINESS_DAY, by=time(9, 0), zone="UTC", calendar="DE")
    assert "Next due" in text(at)


def test_a_zone_is_a_version_of_the_mapping(visit: Visit, engine: Engine, evidence: Evidence) -> None:
    send(engine, evidence, FIRST, "first.csv")
    at = visit("feeds", feed=FEED, view="Arrival")
    feed_id = one_feed(engine, FEED).id
    at = at.selectbox(key=f"zone_{feed_id}").set_value("Europe/Berlin").run()
    at = at.button(key="save_zone").click().run()
    assert not at.exception
    (version,) = mapping_versions(engine, feed_id)
    assert version.mapping.answers == {"ZONE": "Europe/Berlin"}


def test_a_draft_is_shown_beside_the_file_and_saved_as_the_next_version(
    visit: Visit, engine: Engine, evidence: Evidence
) -> None:
    send(engine, evidence, FIRST, "first.csv")
    at = visit("feeds", feed=FEED, view="Mapping")
    key = next(box.key.removesuffix("_payment_ref") for box in at.selectbox if str(box.key).endswith("_payment_ref"))
    at.selectbox(key=f"{key}_payment_ref").set_value("description")
    at = next(button for button in at.button if button.label == "Try").click().run()
    assert not at.exception
    assert "As the draft reads it" in text(at)
    assert at.dataframe[2].value["Reference"].tolist() == ["Rent", "Tea", "Sale"]
    at = next(button for button in at.button if button.label == "Save as next version").click().run()
    assert mapping_versions(engine, one_feed(engine, FEED).id)[0].mapping.roles == {"payment_ref": "description"}
    assert "Version 1" in text(at)
    assert "Reference: description" in text(at)
    assert buttons(at)
