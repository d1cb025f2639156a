"""The process that makes the checks somebody asked for on a page: `python -m checks.on_demand`.

It takes their names as JSON on stdin, and says on stdout which one it begins and which one is done.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from checks import runner
from checks.check import CheckBook
from recon.config import settings
from recon.store.engine import connect
from recon.worker.logs import log_as_json
from recon.workflows.child_process import die_with_parent, limit_memory, module_command

COMMAND: Final = module_command("checks.on_demand")
DATABASE_WAS_GONE: Final = 75

log = structlog.get_logger(__name__)


def main() -> int:
    """Make the checks a request on stdin names, one after the other. Returns the exit status."""
    request = json.load(sys.stdin)
    die_with_parent(request["parent"])
    limit_memory()
    log_as_json(logging.WARNING)  # what went well, the page tells
    engine = connect(settings())
    try:
        for name, book, actor in request["checks"]:
            _say(name, book, is_done=False)
            for check, place in runner.select(name=name, book=CheckBook(book)):
                runner.run_check(engine, check, place, as_of=datetime.now(UTC).date(), requested_by=actor)
            _say(name, book, is_done=True)
    except SQLAlchemyError as error:
        log.warning("database_away", error=type(error).__name__)
        return DATABASE_WAS_GONE
    return 0


def _say(name: str, book: str, *, is_done: bool) -> None:
    sys.stdout.write("\n" + json.dumps({"check": name, "book": book, "is_done": is_done}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
