"""What a person should know about rows that were read: card numbers in free text, dates still to come, many rejects.

None of it holds a row back here; whoever books the file decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from recon.model.reading import Note

MANY_REJECTS_PERCENT: Final = 5
_CARD_TEXT: Final = r"[3-6][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{1,7}"
_CARD: Final = re.compile(rf"(?<!\d){_CARD_TEXT}(?!\d)")
_NOT_DIGIT: Final = re.compile(r"\D")
_CARD_LENGTHS: Final = range(13, 20)


def warnings(table: pa.Table, rejected_count: int, today: date) -> Iterator[Note]:
    """Notes about a transaction table and the rejects beside it."""
    if future := pc.sum(pc.greater(table["date"], pa.scalar(today))).as_py():
        yield Note(code="DATED_AHEAD", text="Rows are dated after today.", count=future)
    if cards := _card_count(table["description"]):
        text = "Descriptions hold what looks like a card number. Ask the sender to leave it out."
        yield Note(code="CARD_NUMBERS", text=text, count=cards)
    row_count = len(table) + rejected_count
    if 100 * rejected_count > MANY_REJECTS_PERCENT * row_count:
        text = f"More than {MANY_REJECTS_PERCENT} % of the rows were rejected. Look at them before you go on."
        yield Note(code="MANY_REJECTS", text=text, count=rejected_count)


def _card_count(texts: pa.ChunkedArray) -> int:
    """Rows with digits of the form and length of a card number whose check digit is right (ISO/IEC 7812-1, Luhn)."""
    likely = texts.filter(pc.match_substring_regex(pc.fill_null(texts, ""), _CARD_TEXT)).to_pylist()
    return sum(any(_is_card(found) for found in _CARD.findall(text)) for text in likely)


def _is_card(text: str) -> bool:
    digits = [int(digit) for digit in reversed(_NOT_DIGIT.sub("", text))]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return len(digits) in _CARD_LENGTHS and (sum(digits[0::2]) + sum(doubled)) % 10 == 0
