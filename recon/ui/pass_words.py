"""What each pass and each step of a run is called on a page, in words of the people who use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from recon.model.rules import ALL_PASSES, PassName, Scoring
from recon.ui.format import words


@dataclass(frozen=True, slots=True, kw_only=True)
class PassWords:
    """`label`: a few words; `does`: one short line; `help`: when to switch it off or move it."""

    label: str
    does: str
    help: str


PASS_WORDS: Final[Mapping[PassName, PassWords]] = {
    PassName.IDENTITY: PassWords(
        label="Same reference",
        does="Both rows carry the same reference or ID, even if the amounts differ.",
        help="The strongest evidence there is, so it comes first. Switch it off where both systems number their rows "
        "on their own and equal numbers mean nothing.",
    ),
    PassName.GROUPS: PassWords(
        label="Same payout or batch",
        does="Several rows under one payout, batch or invoice number that add up to the other side's.",
        help="Charges and refunds are added up, less their fees where the payout is net. Switch it off where group "
        "numbers of both systems mean different things.",
    ),
    PassName.EXACT: PassWords(
        label="Same amount and date",
        does="Same amount, date and currency; crowded ones are told apart by their texts.",
        help="Switch it off where many unrelated rows have the same amount on the same day, and only a common "
        "reference should count.",
    ),
    PassName.FEES: PassWords(
        label="Same amount less fee",
        does="Amounts that differ by the payment's fee: its own, or the one the rules schedule.",
        help="Dates and descriptions must agree as the rules ask. Switch it off where no side keeps fees back.",
    ),
    PassName.FX: PassWords(
        label="Exchange rate",
        does="Rows in two currencies that share a reference, or agree by the rate of the day, date and text.",
        help="Needs rates: without one it does nothing. What shares a reference but is far from the rate, or has none, "
        "is matched and told.",
    ),
    PassName.SCORED: PassWords(
        label="Best score",
        does="Near in amount, date and text: the best pairs of all, one to one.",
        help="Uses the amounts, dates and descriptions above, or what the rows teach. Without it only rows that "
        "agree exactly are matched.",
    ),
    PassName.NETTING: PassWords(
        label="Reversals",
        does="A charge and its reversal on one side that the other side never saw cancel each other.",
        help="They must be equal and opposite, near in date, and share a reference or a description nobody else has. "
        "Switch it off to see each of them as missing.",
    ),
    PassName.SUMS: PassWords(
        label="Adds up",
        does="The rows of a day, or a counterparty's, that add up to one row of the other side.",
        help="Without a common number. Booked where nothing else fits and it could hardly be chance, else suggested. "
        "Switch it off where one side never books several rows as one.",
    ),
    PassName.LEFTOVERS: PassWords(
        label="Leftovers",
        does="Suggests what has something strong in common but is not clear enough to match.",
        help="Never matches by itself: a person decides. It looks at what the others left, so it comes last. Without "
        "it those rows are shown as missing.",
    ),
}
"""A test fails until every pass has its words."""

STAGES: Final[Mapping[str, str]] = {
    "starting": "Starting",
    "load": "Loading the rows",
    "columns": "Preparing the columns",
    "decided": "Keeping what people decided",
    "identity": "Matching by reference",
    "groups": "Matching payouts and batches",
    "exact": "Matching by amount and date",
    "fees": "Matching amounts less fees",
    "fx": "Matching across currencies",
    "scored": "Scoring near matches",
    "netting": "Cancelling reversals",
    "sums": "Adding rows up",
    "leftovers": "Sorting what is left",
    "evidence": "Writing down the evidence",
    "classify": "Naming the discrepancies",
    "prove": "Proving the totals",
    "store": "Storing the result",
    "publish": "Publishing the result",
    "compare": "Comparing with what the run found",
}
"""What a run or a try-out is doing."""

STEPS: Final[Mapping[str, str]] = {
    "compare ids": "comparing references",
    "equal amounts": "equal amounts",
    "differing amounts": "differing amounts",
    "reversals": "charges taken back",
    "days": "whole days",
    "few rows": "a few rows",
    "net amounts": "amounts less their fees",
    "sums": "rows that add up",
    "amounts at the rate": "amounts at the day's rate",
    "incomplete": "rows that do not add up",
    "lone keys": "rows alone in their amount and date",
    "shared keys": "rows that share amount and date",
    "compare texts": "comparing texts",
    "weigh": "learning what matches look like",
    "assign": "choosing the best pairs",
    "shared ids": "shared references",
    "similar ids": "references alike but for case or leading zeros",
}
"""What a stage is busy with, where it says so after a colon: `scored: compare texts`."""


def stage_words(stage: str) -> str:
    """`scored: compare texts` -> `Scoring near matches: comparing texts`; a later version's as it is."""
    name, _, step = stage.partition(": ")
    said = STAGES.get(name, words(name))
    return f"{said}: {STEPS.get(step, step)}" if step else said


def passes_sentence(names: Sequence[str]) -> str:
    """What these passes mean beside all of them in their usual order; nothing to say is no text."""
    if tuple(names) == ALL_PASSES:
        return ""
    order = ", then ".join(_quiet(name) for name in names)
    left_out = [_quiet(name) for name in ALL_PASSES if name not in names]
    without = f" Left out: {', '.join(left_out)}." if left_out else ""
    return f"Tried in this order: {order}.{without}"


def pass_label(name: str) -> str:
    """`Same reference`; the name itself of a pass a later version has."""
    return PASS_WORDS[PassName(name)].label if name in ALL_PASSES else words(name)


def scoring_label(name: str) -> str:
    """What decides on near matches: the figures of the rules, or the rows."""
    return {Scoring.RULES.value: "the figures", Scoring.LEARNED.value: "what the rows teach"}.get(name, name)


def _quiet(name: str) -> str:
    return pass_label(name).lower()
