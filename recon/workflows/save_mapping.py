"""Say by hand how a feed's files are read, or that what was said is forgotten. Either is a new version, kept."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Engine

from recon.ingest.aliases import Role
from recon.model.feed import NOTHING_DECIDED, SavedMapping
from recon.model.reading import Mapping
from recon.store import feeds

ROLES: Final = tuple(role.value for role in Role)
"""What a column can be, in the order a person is asked."""


def map_columns(
    engine: Engine, *, feed: str, columns: Sequence[str], roles: MappingType[str, str], actor: str
) -> SavedMapping | None:
    """Make `roles` (role -> column name) the feed's mapping for files with these columns.

    Earlier answers are not taken over: they were about the columns as they were. What the columns leave open is asked.
    """
    assert set(roles) <= set(ROLES)
    assert set(roles.values()) <= set(columns)
    mapping = Mapping(roles=dict(roles), header=tuple(columns))
    with engine.begin() as conn:
        return feeds.save(conn, feed, mapping, actor=actor)


def forget_mapping(engine: Engine, *, feed: str, actor: str) -> None:
    """Read the feed's next file as if none had come before."""
    with engine.begin() as conn:
        feeds.save(conn, feed, NOTHING_DECIDED, actor=actor)
