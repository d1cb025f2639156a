"""Say when a feed's files are expected, and whose clocks their times are of."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Engine

from recon.calendar import calendar_of
from recon.errors import ZoneUnknown
from recon.model.feed import NOTHING_DECIDED, Arrival, SavedMapping
from recon.model.people import Action
from recon.model.reading import Mapping
from recon.store import feeds
from recon.workflows.permit import permit

ZONE = "ZONE"
"""The answer of a mapping that is the feed's zone."""


def expect_files(engine: Engine, *, feed: str, arrival: Arrival | None, actor: str) -> None:
    """From now on a file is expected like this; None: whenever it comes.

    Raises FeedNotFound, ZoneUnknown and CalendarUnknown.
    """
    if arrival is not None:
        check_zone(arrival.zone)
        calendar_of(arrival.calendar)
    with engine.begin() as conn:
        permit(conn, actor, Action.IMPORT)
        feeds.expect(conn, feed, arrival, actor=actor)


def set_zone(engine: Engine, *, feed: str, zone: str | None, actor: str) -> SavedMapping | None:
    """Times of the feed's files without a zone are of this one; a new version of its mapping. Raises ZoneUnknown."""
    if zone:
        check_zone(zone)
    with engine.begin() as conn:
        permit(conn, actor, Action.IMPORT)
        saved = feeds.newest(conn, feed)
        before = saved.mapping if saved else NOTHING_DECIDED
        kept = {code: value for code, value in before.answers.items() if code != ZONE}
        answers = {**kept, ZONE: zone} if zone else kept
        return feeds.save(conn, feed, Mapping(roles=before.roles, answers=answers, header=before.header), actor=actor)


def check_zone(name: str) -> None:
    """Raises ZoneUnknown for what is no time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ZoneUnknown(name) from None
