"""How every feed stands: its files, whether they follow from each other, and whether one is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from recon.feeds.arrival import Expected, expected
from recon.feeds.continuity import links
from recon.model.feed import Link, LinkState
from recon.model.reading import Control
from recon.queries.feeds import FeedFile, FeedRow, feed_files, feed_rows, one_feed, periods
from recon.workflows.take_in_file import judged


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStanding:
    """One feed: `files` newest first, with those set aside; `links` between those that belong, each with its control.

    `expected` is None of a feed whose files come whenever they come.
    """

    feed: FeedRow
    files: tuple[FeedFile, ...]
    links: tuple[tuple[Link, Control | None], ...]
    expected: Expected | None

    @property
    def newest(self) -> FeedFile | None:
        """The newest file that belongs to the feed."""
        return next((file for file in self.files if not file.is_set_aside), None)

    @property
    def breaks(self) -> tuple[Control, ...]:
        """Balances that do not follow, and nobody accepted."""
        return tuple(control for _, control in self.links if control and not control.agrees and not control.is_accepted)


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingFile:
    """A feed whose file should have come: since when, and how many slots passed without one."""

    feed: str
    since: datetime
    slot_count: int


def feed_standings(engine: Engine, *, now: datetime) -> tuple[FeedStanding, ...]:
    """Every feed, by name."""
    return tuple(_standing(engine, feed, now) for feed in feed_rows(engine))


def feed_standing(engine: Engine, name: str, *, now: datetime) -> FeedStanding:
    """One feed. Raises FeedNotFound."""
    return _standing(engine, one_feed(engine, name), now)


def missing_files(engine: Engine, *, now: datetime) -> tuple[MissingFile, ...]:
    """What should have come and did not, longest missing first."""
    found = ((feed.name, expected_of(feed, now)) for feed in feed_rows(engine))
    missing = [
        MissingFile(feed=name, since=soon.missing[0], slot_count=len(soon.missing))
        for name, soon in found
        if soon is not None and soon.missing
    ]
    return tuple(sorted(missing, key=lambda one: (one.since, one.feed)))


def expected_of(feed: FeedRow, now: datetime) -> Expected | None:
    """What is missing of a feed and when its next file is due; None where nothing is expected."""
    if feed.arrival is None or feed.arrival_since is None:
        return None
    return expected(feed.arrival, since=feed.arrival_since, last_came_at=feed.last_came_at, now=now)


def _standing(engine: Engine, feed: FeedRow, now: datetime) -> FeedStanding:
    files = feed_files(engine, feed.id)
    return FeedStanding(
        feed=feed, files=files, links=tuple(_judged(links(periods(files)), files)), expected=expected_of(feed, now)
    )


def _judged(found: Iterable[Link], files: tuple[FeedFile, ...]) -> Iterable[tuple[Link, Control | None]]:
    for link in found:
        yield link, None if link.state is LinkState.OVERLAPS else judged(link, files)
