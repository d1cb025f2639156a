"""What the board shows, read at one go: each check on each book, its last runs, when it is due, where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recon.model.checks import CatalogueLine, CheckBook
from recon.queries.checks import BoardCell
from recon.queries.checks import board as read_board
from recon.queries.timetable import CheckClock, check_clocks
from recon.ui.guard import Desk
from recon.ui.integrity.look import Stand, known_stand, stand_of
from recon.workflows.checks_on_demand import CheckKey, OnDemandState

RED = frozenset({Stand.FAIL, Stand.ERROR, Stand.WARN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """By check and book."""

    cells: Mapping[CheckKey, BoardCell]
    clocks: Mapping[CheckKey, CheckClock]
    stands: Mapping[CheckKey, Stand]
    known: Mapping[CheckKey, Stand]  # the same, whatever goes on now
    state: OnDemandState

    @property
    def red(self) -> frozenset[CheckKey]:
        """What does not hold, or could not be found out."""
        return frozenset(key for key, stand in self.known.items() if stand in RED)

    def is_scheduled(self, book: CheckBook) -> bool:
        """Whether anything of the book is made by the timetable."""
        return any(clock.is_enabled for (_, place), clock in self.clocks.items() if place is book)


def standing(desk: Desk, lines: Sequence[CatalogueLine], state: OnDemandState) -> Standing:
    """Read it."""
    asked = [(line, book) for line in lines for book in line.books]
    cells = {(c.check_name, c.book): c for c in read_board(desk.engine, [(line.name, book) for line, book in asked])}
    clocks = {(clock.check_name, clock.book): clock for clock in check_clocks(desk.engine)}
    return Standing(
        cells=cells,
        clocks={key: clock for key, clock in clocks.items() if key in cells},
        stands={(line.name, book): stand_of(line, cells[line.name, book], state) for line, book in asked},
        known={(line.name, book): known_stand(line, cells[line.name, book]) for line, book in asked},
        state=state,
    )
