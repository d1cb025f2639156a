"""Which of several sidecars plans: the one that holds an advisory lock, on a connection of its own outside the pool.

Only a hint that saves the others the work. A leader that is frozen keeps the lock, and one that was cut off believes it
has it; what must happen once is held by unique rows, and others step in where nothing happens.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

LOCK: Final = 7_305_801_402_111
"""Any number that nobody else uses in our database."""


class Leader:
    """One sidecar's stake in the lock. For one thread at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._holding: Connection | None = None

    def leads(self) -> bool:
        """Whether this sidecar holds the lock, or could take it now."""
        if self._holding is not None:
            try:
                self._holding.execute(select(1))
            except SQLAlchemyError:
                self.resign()  # the lock went with the connection
            else:
                return True
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()  # its session ends when we close it: no lock goes back to the pool
        if connection.execute(select(func.pg_try_advisory_lock(LOCK))).scalar_one():
            self._holding = connection
            return True
        connection.close()
        return False

    def resign(self) -> None:
        """Let go of the lock; another sidecar takes it at its next tick."""
        if self._holding is not None:
            with suppress(SQLAlchemyError):
                self._holding.close()
            self._holding = None
