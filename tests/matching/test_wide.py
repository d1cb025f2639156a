"""Which pairs the learned scoring looks at: all that are near enough, and where that is too many, those alike."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from recon.bench.keyless import Keyless, keyless
from recon.matching import match, wide
from recon.matching.board import Board
from recon.matching.columns import read_sides
from recon.matching.wide import FLOOR, WidePairs, wide_net
from recon.matching.wording import Wording
from recon.model.progress import silent
from recon.model.rules import Rules, Scoring
from tests.matching.builders import table

LEARNED = Rules(scoring=Scoring.LEARNED)


def board_of(source: pa.Table, reference: pa.Table) -> Board:
    return Board(read_sides(source, reference, 1, lambda _: None), LEARNED, threads=1, on_progress=silent)


def caught(source: pa.Table, reference: pa.Table) -> set[tuple[int, int]]:
    """Pairs of rows the net kept."""
    board = board_of(source, reference)
    best: WidePairs = wide_net(board, Wording(board, board.free_source(), board.free_reference())).best
    return set(zip(board.source.row[best.source].tolist(), board.reference.row[best.reference].tolist(), strict=True))


@pytest.fixture
def crowded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every window is too crowded to compare in full."""
    monkeypatch.setattr(wide, "_CROWDED", -1)


def test_every_pair_within_reach_is_a_candidate() -> None:
    rng = np.random.default_rng(3)
    days = [dt.date(2026, 3, 1) + dt.timedelta(days=int(day)) for day in rng.integers(0, 60, 40)]
    amounts = rng.choice([10_000, -10_000, 8_500, 8_499, 11_500, 11_765, 9_000, 1], 40).tolist()
    words = rng.choice(["acme ltd", "ACME LIMITED", "beta", "acm", "-"], 40).tolist()
    rows = [f"{day}  {amount / 100:.2f} USD  {word}" for day, amount, word in zip(days, amounts, words, strict=True)]
    source = table("\n".join(f"S{at}  {row}" for at, row in enumerate(rows[:20])))
    reference = table("\n".join(f"R{at}  {row}" for at, row in enumerate(rows[20:])))
    expected = {
        (one, other)
        for one, mine in enumerate(source.to_pylist())
        for other, theirs in enumerate(reference.to_pylist())
        if within_reach(mine, theirs)
    }
    assert len(expected) > 20
    assert expected <= caught(source, reference)


def within_reach(one: dict[str, object], other: dict[str, object]) -> bool:
    """What the rules of learned scoring say: 15 % of the larger amount, 31 days, texts not unlike or one missing."""
    mine, theirs = one["amount"], other["amount"]
    assert isinstance(mine, int)
    assert isinstance(theirs, int)
    near = mine * theirs > 0 and 100 * abs(mine - theirs) <= 15 * max(abs(mine), abs(theirs))
    days = (other["date"] - one["date"]).days  # type: ignore[operator]
    texts = [default_process(str(row["description"] or "")) for row in (one, other)]
    alike = not all(texts) or fuzz.ratio(*texts) >= FLOOR
    return near and abs(days) <= 31 and alike


@pytest.mark.usefixtures("crowded")
def test_in_a_crowd_rows_with_two_words_in_common_meet_however_far_their_amounts_are() -> None:
    crowd = [f"2026-03-02  {1000 + at / 100:.2f} USD  payment received {at}" for at in range(400)]
    source = table(
        "\n".join(f"S{at}  {row}" for at, row in enumerate(["2026-03-02  1000 USD  Kwame Gomes rent", *crowd]))
    )
    late = "2026-03-29  879.11 USD  K GOMES RE"
    reference = table("\n".join(f"R{at}  {row}" for at, row in enumerate([late, *crowd])))
    assert (0, 0) in caught(source, reference)


@pytest.mark.usefixtures("crowded")
def test_in_a_crowd_without_texts_equal_amounts_meet_in_step() -> None:
    source, reference = (
        table("\n".join(f"{name}{at}  2026-03-{day}  50.00 USD  -" for at in range(300)))
        for name, day in (("S", "02"), ("R", "04"))
    )
    assert {(at, at) for at in range(300)} <= caught(source, reference)


@pytest.fixture(scope="module")
def files() -> Keyless:
    return keyless(1_500, seed=3)


Decided = set[tuple[object, ...]]


def decided(source: pa.Table, reference: pa.Table, threads: int = 1) -> Decided:
    """Every line of the matches, rows by id."""
    matches = match(source, reference, LEARNED, threads=threads).matches
    ours = source["txn_id"].take(matches["source_row"]).to_pylist()
    theirs = reference["txn_id"].take(matches["reference_row"]).to_pylist()
    return set(
        zip(ours, theirs, *(matches[name].to_pylist() for name in ("status", "confidence", "weights")), strict=True)
    )


@pytest.mark.usefixtures("crowded")
def test_in_a_crowd_nearly_all_rows_find_their_own(files: Keyless) -> None:
    matches = match(files.source, files.reference, LEARNED).matches
    booked = matches.filter(pc.equal(matches["status"], "matched"))
    precision, recall = files.score(booked["source_row"].to_numpy(), booked["reference_row"].to_numpy())
    assert precision >= 0.999
    assert recall >= 0.9


@pytest.mark.usefixtures("crowded")
def test_in_a_crowd_order_chunks_and_threads_change_nothing(files: Keyless) -> None:
    rng = np.random.default_rng(5)
    source = files.source.take(pa.array(rng.permutation(len(files.source))))
    reference = files.reference.take(pa.array(rng.permutation(len(files.reference))))
    chunked = pa.concat_tables([reference.slice(700), reference.slice(0, 700)])
    assert decided(source, chunked, threads=2) == decided(files.source, files.reference)


@pytest.mark.usefixtures("crowded")
def test_in_a_crowd_swapped_sides_decide_the_same(files: Keyless) -> None:
    forth = {pair[:3] for pair in decided(files.source, files.reference)}
    assert forth == {(two, one, status) for one, two, status, *_ in decided(files.reference, files.source)}
