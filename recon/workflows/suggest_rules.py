"""Suggest changes to a reconciliation's rules from what people matched there. None is ever made by itself.

What was dismissed stays away, until people's matches ask for a change that goes further, or twice as many ask for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import Engine

from recon.matching.normal import normal_form
from recon.matching.same_names import read_text
from recon.model.aliases import Alias
from recon.model.decisions import DecisionKind
from recon.model.lessons import Lesson, TaughtPair
from recon.model.people import Action
from recon.model.rules import Rules
from recon.model.transactions import Side
from recon.queries.taught_pairs import taught_pairs
from recon.store import lessons as store
from recon.triage.lessons import lessons, stays_away
from recon.workflows.permit import permit


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """Changes to the rules, how many more were dismissed, and from how many matches of two rows they were learned."""

    lessons: tuple[Lesson, ...]
    dismissed_count: int
    pair_count: int


def suggest_rules(engine: Engine, reconciliation: str, rules: Rules) -> Suggested:
    """What people's matches ask of these rules."""
    found = [(side[Side.SOURCE]["kind"], _pair(side, rules)) for side in taught_pairs(engine, reconciliation)]
    ruled_out = [pair for kind, pair in found if kind == DecisionKind.NEVER_PAIR]
    matched = [pair for kind, pair in found if kind != DecisionKind.NEVER_PAIR]
    every = lessons(matched, ruled_out, rules, alike=_alike)
    with engine.connect() as conn:
        gone = store.dismissed(conn, reconciliation)
    shown = tuple(lesson for lesson in every if not stays_away(lesson, gone))
    return Suggested(lessons=shown, dismissed_count=len(every) - len(shown), pair_count=len(matched))


def dismiss_suggestion(engine: Engine, reconciliation: str, lesson: Lesson, *, actor: str) -> None:
    """Do not show it again as it stands. Raises as `permit`, and ReconciliationNotFound."""
    with engine.begin() as conn:
        permit(conn, actor, Action.RULES)
        store.dismiss(conn, reconciliation, lesson.key, pair_count=len(lesson.pairs), actor=actor)


def restore_suggestions(engine: Engine, reconciliation: str, *, actor: str) -> None:
    """Show again what was dismissed. Raises as `permit`, and ReconciliationNotFound."""
    with engine.begin() as conn:
        permit(conn, actor, Action.RULES)
        store.restore(conn, reconciliation, actor=actor)


def _pair(sides: Mapping[Side, Mapping[str, Any]], rules: Rules) -> TaughtPair:
    ours, theirs = sides[Side.SOURCE], sides[Side.REFERENCE]
    has_texts = ours["description"] and theirs["description"]
    pair = TaughtPair(
        decision_id=ours["id"],
        source_on=ours["date"],
        reference_on=theirs["date"],
        source_amount=ours["amount"],
        reference_amount=theirs["amount"],
        source_currency=ours["currency"],
        reference_currency=theirs["currency"],
        source_text=ours["description"] or ours["counterparty"],
        reference_text=theirs["description"] or theirs["counterparty"],
        similarity=0 if has_texts else None,
    )
    return replace(pair, similarity=_alike(pair, rules.aliases))


def _alike(pair: TaughtPair, aliases: tuple[Alias, ...]) -> int | None:
    """How alike the descriptions of a pair are, as matching counts it; None where one has none."""
    if pair.similarity is None:
        return None
    one, other = (normal_form(read_text(text, aliases) or "") for text in (pair.source_text, pair.reference_text))
    return int(fuzz.ratio(one, other)) if one and other else None
