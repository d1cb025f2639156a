"""The database and the evidence store for the length of a command: the running ones, or ones started for it.

What the workflows log is for whoever watches a server; a command tells its own story, so only warnings get through, and
to stderr: stdout belongs to the result.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import structlog
from sqlalchemy import Engine

from recon.cli.screen import warn
from recon.config import Settings
from recon.store.evidence import Evidence
from recon.store.migrate import migrate
from recon.workflows.open_stores import open_stores


@contextmanager
def database(chosen: Settings) -> Iterator[tuple[Engine, Evidence]]:
    """Connections to an up-to-date database and the evidence store beside it; what was started is stopped after."""
    _log_warnings_only()
    with served(chosen):
        engine, evidence = open_stores(chosen)
        try:
            migrate(engine)
            yield engine, evidence
        finally:
            engine.dispose()


def served(chosen: Settings) -> AbstractContextManager[None]:
    """There is a database for the length of the block: DATABASE_URL's, a running one, or one started for it."""
    if chosen.database_url:
        return nullcontext()
    from recon.store.embedded import serving  # needs locks that Windows has not; there, DATABASE_URL does

    return serving(chosen, say=warn)


def _log_warnings_only() -> None:
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=_to_stderr,
    )


def _to_stderr(*_: Any) -> structlog.PrintLogger:
    return structlog.PrintLogger(sys.stderr)
