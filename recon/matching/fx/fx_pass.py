"""Pass: rows of different currencies that are one movement, by the rates of the rules. Without rates it does nothing.

First those that carry the same id (`by_id`), then those that agree by rate, date and text (`by_text`).
"""

from __future__ import annotations

from recon.matching.board import Board
from recon.matching.fx.by_id import book_named
from recon.matching.fx.by_text import book_alike


def fx_pass(board: Board) -> None:
    """Book pairs that a rate of exchange explains."""
    if board.rules.fx_rates and len(board.currencies) > 1:
        book_named(board)
        book_alike(board)
