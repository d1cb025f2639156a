"""Say what lies behind a variance (data issue, code issue, timing), or comment on it: one decision, one effect."""

from __future__ import annotations

from sqlalchemy import Engine

from recon.errors import CommentMissing, CommentTooLong
from recon.model.checks import VarianceClass
from recon.model.people import Action
from recon.model.triage import COMMENT_LIMIT
from recon.store import variances
from recon.workflows.permit import permit


def say_about_variance(
    engine: Engine,
    variance_id: int,
    *,
    variance_class: VarianceClass | None,
    comment: str,
    seen_version: int,
    action_key: str,
    actor: str,
) -> None:
    """Set its class with an optional comment, or comment alone when `variance_class` is None.

    `seen_version` is the version the person saw: a class set by someone else meanwhile is not overwritten. Raises a
    TieoutError; then nothing was saved.
    """
    said = comment.strip()
    if variance_class is None and not said:
        raise CommentMissing
    if len(said) > COMMENT_LIMIT:
        raise CommentTooLong(len(said), limit=COMMENT_LIMIT)
    with engine.begin() as conn:
        permit(conn, actor, Action.CHECKS)
        variances.say(
            conn,
            variance_id,
            variance_class=variance_class,
            comment=said or None,
            seen_version=seen_version,
            action_key=action_key,
            actor=actor,
        )
