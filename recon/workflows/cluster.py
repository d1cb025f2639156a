"""A Dask cluster as the crew of a match: jobs go out, what they find comes back, and nothing is decided there.

Workers need our code, of the very same state, and what `requirements.txt` pins; no database, no evidence store. A few
jobs for each of their threads are out at any time, so that neither the scheduler nor this process holds more. Jobs of
a worker that dies are done by another; when that fails too, or nobody is left, the run ends with a sentence.
"""

from __future__ import annotations

import logging
import os
import pickle
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import numpy as np
import pyarrow as pa
import rapidfuzz

from recon.config import LOCAL_CLUSTER
from recon.errors import ClusterDiffers, ClusterLost, ClusterUnreachable
from recon.matching.crew import Crew, Job
from recon.workflows.code_version import engine_version

if TYPE_CHECKING:
    from distributed import Client, Future

_ROWS: Final = 1 << 15
_AHEAD: Final = 3
_CONNECT_SECONDS: Final = 15
_LOOK_SECONDS: Final = 0.5
_CONFIG: Final = {"distributed.admin.large-graph-warning-threshold": "1GB"}
"""Jobs bring their rows along, which is meant: few are out at a time."""
_PATIENCE_SECONDS: Final = 60.0
"""How long a cluster may be without workers."""

_NOT_UNDERSTOOD: Final = "deserialization of the task graph"
"""Words of the error of a scheduler that does not have our code."""

_Find = TypeVar("_Find")


@contextmanager
def crew_at(address: str | None) -> Iterator[Crew | None]:
    """The crew behind a scheduler's address, or on this machine (`LOCAL_CLUSTER`); None, for no crew, without one.

    Raises ClusterUnreachable.
    """
    if address is None:
        yield None
        return
    import dask  # takes its time to load, and few runs need it
    from distributed import Client

    with ExitStack() as stack:
        stack.enter_context(dask.config.set(_CONFIG))
        try:
            scheduler = stack.enter_context(_on_this_machine()) if address == LOCAL_CLUSTER else address
            client = stack.enter_context(Client(scheduler, timeout=_CONNECT_SECONDS, set_as_default=False))
        except (OSError, TimeoutError, ValueError) as error:
            raise ClusterUnreachable(address) from error
        yield Cluster(client)


def _on_this_machine() -> Any:
    from distributed import LocalCluster

    return LocalCluster(
        n_workers=max(2, os.cpu_count() or 2),
        threads_per_worker=1,
        dashboard_address="127.0.0.1:0",
        silence_logs=logging.ERROR,
    )


class Cluster:
    """The crew: jobs of about `row_count` rows a side, done by the workers of a Dask client's cluster."""

    def __init__(self, client: Client, *, row_count: int = _ROWS, patience_seconds: float = _PATIENCE_SECONDS) -> None:
        self.row_count = row_count
        self._client, self._patience = client, patience_seconds
        self._seen = time.monotonic()

    def each(self, jobs: Iterable[Job[_Find]], tick: Callable[[], None]) -> Iterator[_Find]:
        """What the jobs find, in their order. What `tick` raises ends the work, as do ClusterLost, ClusterDiffers."""
        from distributed.client import ClosedClientError

        out: deque[Future] = deque()
        self._seen = time.monotonic()
        try:
            most = _AHEAD * max(1, self._thread_count())
            for job in jobs:
                out.append(self._client.submit(_do, pickle.dumps(job.apart(), 5), _state(), pure=False))
                if len(out) >= most:
                    yield cast(_Find, self._found(out.popleft(), tick))
            while out:
                yield cast(_Find, self._found(out.popleft(), tick))
        except (OSError, CancelledError, ClosedClientError) as error:  # a scheduler that goes takes its futures along
            raise ClusterLost("The Dask scheduler no longer answers.") from error
        finally:
            with suppress(ClosedClientError):
                self._client.cancel(list(out), force=True)

    def _found(self, future: Future, tick: Callable[[], None]) -> object:
        from distributed import KilledWorker

        while True:
            tick()
            try:
                found = future.result(timeout=_LOOK_SECONDS)
            except TimeoutError:
                self._look_for_workers()
            except KilledWorker as error:
                raise ClusterLost("Several Dask workers died over the same rows.") from error
            except (ImportError, RuntimeError) as error:
                if isinstance(error, ImportError) or _NOT_UNDERSTOOD in str(error):
                    raise ClusterDiffers from error
                raise
            else:
                break
        if found is None:
            raise ClusterDiffers
        return found

    def _look_for_workers(self) -> None:
        """Raises ClusterLost when there have been none for too long."""
        now = time.monotonic()
        if self._thread_count():
            self._seen = now
        elif now - self._seen > self._patience:
            raise ClusterLost("The Dask cluster has no workers; one that lacks Tieout leaves at once.")

    def _thread_count(self) -> int:
        return sum(self._client.nthreads().values())


def _do(job: bytes, state: str) -> object:
    """On a worker: what a job finds; None where that might be something else than we would find."""
    if _state() != state:
        return None
    return pickle.loads(job).do(1)  # noqa: S301 - our own scheduler's word: whoever has that can run code here anyway


@cache
def _state() -> str:
    """What decides how texts compare: our code, and the libraries that do the work."""
    return " ".join((engine_version(), rapidfuzz.__version__, np.__version__, pa.__version__))
