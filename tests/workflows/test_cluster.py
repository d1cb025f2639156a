"""The same run in process and on a Dask cluster of two worker processes: the same bytes, or a sentence."""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any

import pyarrow as pa
import pytest
from distributed import Client, LocalCluster
from sqlalchemy import Engine

from recon.errors import ClusterDiffers, ClusterLost, ClusterUnreachable, RunCancelled
from recon.matching import wide
from recon.matching.crew import Crew, Job
from recon.model.outcome import Outcome, Pass
from recon.model.progress import Progress, silent
from recon.model.rules import Rules, Scoring
from recon.model.transactions import TRANSACTION_SCHEMA
from recon.store.evidence import Evidence
from recon.workflows import cluster
from recon.workflows.cluster import Cluster, crew_at
from recon.workflows.digest import result_digest
from recon.workflows.reconcile import reconcile_tables
from recon.workflows.run_in_foreground import finish_run
from tests.workflows.sides import submit_both

FEW_ROWS = 48
"""So that a job is a fraction of a day."""

BY_RULES = Rules(
    amount_tolerance_minor=40, days_before=2, days_after=3, description_threshold=70, netting_days=3, subset_rows=3
)
LEARNED = Rules(scoring=Scoring.LEARNED)
Sides = tuple[pa.Table, pa.Table]
SHOPS = ("Acme", "Beta & Sons", "Gamma GmbH", "Delta Ltd", "Café Zoë", "Omega")


@pytest.fixture(scope="module", autouse=True)
def own_main() -> Iterator[None]:
    """A new process imports what is `__main__` here; a page tested before leaves one that cannot be imported."""
    found = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    yield
    sys.modules["__main__"] = found


@pytest.fixture(scope="module")
def client(own_main: None) -> Iterator[Client]:
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50) as workers,
        Client(workers, set_as_default=False) as found,
    ):
        yield found


def two_sides(count: int, seed: int = 5) -> Sides:
    """Mostly euros, mostly the last day of a month and the first: crowded days and windows that cross their border."""
    rng = random.Random(seed)
    ours, theirs = [], []
    for number in range(count):
        day = dt.date(2026, 3, 31) + dt.timedelta(days=rng.choice([0, 0, 0, 0, 1, 1, 1, 2, 30, -40]))
        text = f"{rng.choice(SHOPS)} invoice {rng.randrange(200)} {rng.choice(['card', 'transfer', ''])}".strip()
        row = {
            "line": number + 1,
            "date": day,
            "amount": rng.choice([1, -1]) * rng.choice([500, 1000, 1999, 2500, rng.randrange(1, 90_000)]),
            "currency": rng.choices(["EUR", "USD", "JPY"], [90, 8, 2])[0],
            "description": text if rng.random() < 0.95 else None,
            "payment_ref": f"PR-{number}" if rng.random() < 0.1 else None,
            "group_id": f"PO-{number // 7}" if number % 50 < 14 else None,
        }
        other = dict(row)
        if rng.random() < 0.3:
            other["amount"] += rng.choice([-30, -7, 7, 30])
        if rng.random() < 0.3:
            other["date"] += dt.timedelta(days=rng.choice([-1, 1, 2, 3]))
        if rng.random() < 0.5 and text:
            other["description"] = " ".join(reversed(text.upper().split()))[: rng.randrange(6, 30)]
        if rng.random() < 0.97 and row["group_id"] is None:
            theirs.append(other)
        ours.append(row)
    for payout in {row["group_id"] for row in ours} - {None}:
        members = [row for row in ours if row["group_id"] == payout and row["currency"] == "EUR"]
        if members:
            total = sum(row["amount"] for row in members)
            theirs.append(members[0] | {"amount": total, "payment_ref": payout, "description": "Payout"})
    rng.shuffle(theirs)
    for line, row in enumerate(theirs, 1):
        row["line"] = line
    return _table(ours), _table(theirs)


def _table(rows: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=TRANSACTION_SCHEMA)


class Watched:
    """A crew that counts the jobs it hands on."""

    def __init__(self, client: Client, row_count: int = FEW_ROWS) -> None:
        self._crew = Cluster(client, row_count=row_count)
        self.row_count, self.job_count = row_count, 0

    def each(self, jobs: Iterable[Job[Any]], tick: Callable[[], None]) -> Iterator[Any]:
        for found in self._crew.each(jobs, tick):
            self.job_count += 1
            yield found


def reconciled(rows: Sides, rules: Rules, crew: Crew | None = None, on_progress: Progress = silent) -> Outcome:
    return reconcile_tables(*rows, rules, crew=crew, on_progress=on_progress)


def is_same(one: Outcome, other: Outcome, rows: Sides) -> bool:
    """Row by row, in order, floats and sentences included; and by digest."""
    tables = ("matches", "netted", "discrepancies")
    return all(getattr(one, name).equals(getattr(other, name)) for name in tables) and result_digest(
        one, *rows, threads=1
    ) == result_digest(other, *rows, threads=1)


@pytest.mark.parametrize("rules", [BY_RULES, LEARNED], ids=["rules", "learned"])
def test_a_cluster_finds_what_this_process_finds(client: Client, rules: Rules) -> None:
    rows = two_sides(900)
    crew = Watched(client)
    here, there = reconciled(rows, rules), reconciled(rows, rules, crew)
    assert is_same(here, there, rows)
    assert crew.job_count > 20
    passes = set(here.matches["pass"].to_pylist())
    assert {Pass.IDENTITY, Pass.GROUPS, Pass.EXACT, Pass.SCORED} <= passes


def test_a_crowd_of_look_alikes_is_cut_anywhere(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wide, "_CROWDED", 5)  # learned scoring looks words up, as it does among very many rows
    rows = two_sides(400, seed=8)
    assert is_same(reconciled(rows, LEARNED), reconciled(rows, LEARNED, Watched(client)), rows)


@pytest.mark.crash
def test_a_worker_that_is_killed_costs_time_not_truth(client: Client) -> None:
    rows = two_sides(900)
    victims = list(client.run(os.getpid).values())
    killed: list[int] = []

    def kill_once(stage: str, done: int, total: int) -> None:
        if "texts" in stage and not killed:
            os.kill(victims[0], signal.SIGKILL)
            killed.append(victims[0])

    there = reconciled(rows, BY_RULES, Watched(client), kill_once)
    assert killed
    assert is_same(reconciled(rows, BY_RULES), there, rows)


def test_a_cancelled_run_leaves_the_cluster_to_the_next(client: Client) -> None:
    def cancel(stage: str, done: int, total: int) -> None:
        if "texts" in stage:
            raise RunCancelled(7)

    rows = two_sides(300)
    with pytest.raises(RunCancelled):
        reconciled(rows, BY_RULES, Watched(client), cancel)
    assert is_same(reconciled(rows, BY_RULES), reconciled(rows, BY_RULES, Watched(client)), rows)


def test_workers_of_another_state_of_the_code_are_told_from_ours(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_state", lambda: "of another day")
    with pytest.raises(ClusterDiffers, match="does not have the version"):
        reconciled(two_sides(50), BY_RULES, Cluster(client))


def test_a_cluster_without_workers_is_not_waited_for_for_ever() -> None:
    with (
        LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0", silence_logs=50) as empty,
        Client(empty, set_as_default=False) as nobody,
        pytest.raises(ClusterLost, match="no workers"),
    ):
        reconciled(two_sides(50), BY_RULES, Cluster(nobody, patience_seconds=0.2))


def test_a_scheduler_that_goes_away_ends_the_run_with_a_sentence() -> None:
    with LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0", silence_logs=50) as gone:
        lost = Client(gone, set_as_default=False, timeout=2)

        def close(stage: str, done: int, total: int) -> None:
            if "texts" in stage:
                gone.close()

        with pytest.raises(ClusterLost):
            reconciled(two_sides(50), BY_RULES, Cluster(lost, patience_seconds=5), close)
        lost.close()


def test_an_address_where_nobody_answers_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_CONNECT_SECONDS", 0.5)
    with pytest.raises(ClusterUnreachable, match=r"127\.0\.0\.1:1"), crew_at("tcp://127.0.0.1:1"):
        pass


def test_a_stored_run_says_that_its_cluster_is_not_there(
    engine: Engine, evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_CONNECT_SECONDS", 0.5)
    run_id = submit_both(engine, evidence)
    ended = finish_run(engine, evidence, run_id, lease_seconds=60, dask_address="tcp://127.0.0.1:1")
    assert (ended.status, ended.error_code) == ("failed", ClusterUnreachable.code)


def test_a_stored_run_is_published_with_the_help_of_a_cluster(
    client: Client, engine: Engine, evidence: Evidence
) -> None:
    run_id = submit_both(engine, evidence)
    address = client.scheduler.address
    assert finish_run(engine, evidence, run_id, lease_seconds=60, dask_address=address).status == "succeeded"


def test_without_an_address_there_is_no_crew() -> None:
    with crew_at(None) as crew:
        assert crew is None
