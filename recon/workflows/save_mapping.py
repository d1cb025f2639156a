"""Say by hand how a feed's files are read, or that what was said is forgotten. Either is a new version, kept."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import Engine

from recon.ingest.aliases import Role
from recon.ingest.drift import likely_renames
from recon.model.feed import NOTHING_DECIDED, SavedMapping
from recon.model.people import Action
from recon.model.reading import Mapping
from recon.store import feeds
from recon.workflows.expect_files import ZONE
from recon.workflows.permit import permit

ROLES: Final = tuple(role.value for role in Role)
"""What a column can be, in the order a person is asked."""


def map_columns(
    engine: Engine, *, feed: str, columns: Sequence[str], roles: MappingType[str, str], actor: str
) -> SavedMapping | None:
    """Make `roles` (role -> column name) the feed's mapping for files with these columns.

    Earlier answers are not taken over: they were about the columns as they were. What the columns leave open is asked.
    Only the feed's zone stays, which is about no column.
    """
    mapping = drafted(columns, roles)
    with engine.begin() as conn:
        permit(conn, actor, Action.IMPORT)
        before = feeds.newest(conn, feed)
        zone = {code: value for code, value in before.mapping.answers.items() if code == ZONE} if before else {}
        return feeds.save(conn, feed, replace(mapping, answers=zone), actor=actor)


def drafted(columns: Sequence[str], roles: MappingType[str, str]) -> Mapping:
    """The mapping `map_columns` would save: to try it on a file first."""
    assert set(roles) <= set(ROLES)
    assert set(roles.values()) <= set(columns)
    return Mapping(roles=dict(roles), header=tuple(columns))


def proposed_remap(saved: Mapping, columns: Sequence[str]) -> Mapping | None:
    """The mapping with columns that were likely renamed under their new names.

    None when a column it relies on is gone and has no likely new name: then only a person can say.
    """
    renamed = likely_renames(columns, saved.header)
    roles = {role: renamed.get(name, name) for role, name in saved.roles.items()}
    if not renamed or not set(roles.values()) <= set(columns):
        return None
    return Mapping(roles=roles, answers=saved.answers, header=tuple(columns))


def accept_remap(engine: Engine, *, feed: str, mapping: Mapping, actor: str) -> SavedMapping | None:
    """Make a proposed mapping the feed's: the columns are those they were, under new names."""
    with engine.begin() as conn:
        permit(conn, actor, Action.IMPORT)
        return feeds.save(conn, feed, mapping, actor=actor)


def forget_mapping(engine: Engine, *, feed: str, actor: str) -> None:
    """Read the feed's next file as if none had come before."""
    with engine.begin() as conn:
        permit(conn, actor, Action.IMPORT)
        feeds.save(conn, feed, NOTHING_DECIDED, actor=actor)
