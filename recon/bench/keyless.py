"""Two sides of movements that share no key at all, with known truth: what the learned scoring is measured on.

Of N movements 97 % stand on either side. Three quarters of their amounts differ: by a card fee and a fixed part, by a
transfer fee, or by a rate of exchange off by up to 12 %. The reference is booked 1 to 21 days later, never on the same
day. It writes the text in capitals, abbreviates some words and cuts the whole to 14 to 24 characters, and knows no id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recon.model.transactions import TRANSACTION_SCHEMA

Ints = NDArray[np.int64]

FIRST_DAY: Final = int(np.datetime64("2025-01-01").astype(np.int64))
DAYS: Final = 365
MOST_LAG: Final = 21
MISSING_SHARE: Final = 0.03
FIXED_FEE: Final = 30

FIRST_NAMES: Final = (
    "Amara Bongani Chen Dana Elif Farid Grace Hiro Ines Jonas Karim Lerato Mateo Naledi Oluwaseun Priya Quentin Rosa"
    " Sipho Tomasz Usha Viktor Wanjiru Xolani Yusuf Zanele Anneke Bilal Carmen Dumisani Esther Fatima Gustavo Helena"
    " Ibrahim Joanna Kwame Lucia Mbali Nikhil"
)
LAST_NAMES: Final = (
    "Abrahams Botha Castro Dlamini Eriksen Fernandes Govender Hoffmann Ivanova Jansen Khumalo Lindqvist Moreau Nkosi"
    " Okafor Petersen Quispe Rossi Santos Tanaka Uys Venter Williams Xaba Yamamoto Zulu Andersson Bekele Chukwu"
    " Delacroix Eze Fischer Garcia Haddad Ismail Jacobs Kowalski Lambert Mokoena Naidoo Oliveira Pillay Rahman Schmidt"
    " Turner Uzun Villiers Wagner Youssef Zimmermann Adeyemi Barnard Coetzee Diallo Engelbrecht Fourie Gomes Hussain"
    " Iyer Juarez"
)
SHORT: Final = {
    "Invoice": "Inv",
    "Monthly rent": "Rent",
    "Subscription": "Subscr",
    "Consulting services": "Consult svcs",
    "Insurance premium": "Ins prem",
    "School fees": "Sch fees",
    "Equipment rental": "Equip rent",
    "Office supplies": "Off supp",
    "Travel expenses": "Travel exp",
    "Maintenance": "Maint",
    "Salary advance": "Sal adv",
    "Membership": "Member",
    "Design work": "Design",
    "Freight charges": "Freight",
}


"""Each purpose of a payment, and how the reference abbreviates it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyless:
    """Both sides as TRANSACTION_SCHEMA, and the movement each row is; a movement stands at most once on a side."""

    source: pa.Table
    reference: pa.Table
    source_movement: Ints
    reference_movement: Ints

    def score(self, source_row: Ints, reference_row: Ints) -> tuple[float, float]:
        """(precision, recall) of these pairs."""
        right = np.count_nonzero(self.source_movement[source_row] == self.reference_movement[reference_row])
        both = len(np.intersect1d(self.source_movement, self.reference_movement))
        return right / max(len(source_row), 1), right / max(both, 1)


def keyless(count: int, *, seed: int = 7) -> Keyless:
    """`count` movements; the same seed gives the same rows."""
    rng = np.random.default_rng(seed)
    amount = np.maximum(500, np.exp(rng.normal(9.6, 1.3, count)).astype(np.int64))
    day = FIRST_DAY + rng.integers(0, DAYS, count)
    texts = _texts(rng, count)
    later = day + 1 + np.minimum(rng.geometric(0.22, count) - 1, MOST_LAG - 1)
    sides = [_rows(rng, count), _rows(rng, count)]
    return Keyless(
        source=_table(sides[0], day, amount, texts[0], "s"),
        reference=_table(sides[1], later, _booked(rng, amount), texts[1], "r"),
        source_movement=sides[0],
        reference_movement=sides[1],
    )


def _booked(rng: np.random.Generator, amount: Ints) -> Ints:
    """What arrives: a quarter whole, the rest less a card fee, less a transfer fee, or at another rate."""
    way = rng.integers(0, 4, len(amount))
    card = amount - np.rint(amount * rng.choice([0.014, 0.029], len(amount))).astype(np.int64) - FIXED_FEE
    transfer = amount - np.rint(amount * rng.uniform(0.001, 0.03, len(amount))).astype(np.int64) - 1
    exchanged = amount + np.rint(amount * rng.uniform(-0.12, 0.06, len(amount))).astype(np.int64)
    return np.select([way == 0, way == 1, way == 2], [amount, card, transfer], exchanged)


def _texts(rng: np.random.Generator, count: int) -> tuple[list[str], list[str]]:
    """The text of each movement in full, and as the reference writes it."""

    def pick(words: list[str]) -> list[str]:
        return [words[at] for at in rng.integers(0, len(words), count).tolist()]

    first, last, purpose = pick(FIRST_NAMES.split()), pick(LAST_NAMES.split()), pick(list(SHORT))
    number = rng.integers(100, 10_000, count).tolist()
    is_initial, is_short = (rng.random(count) < 0.3).tolist(), (rng.random(count) < 0.5).tolist()
    width = rng.integers(14, 25, count).tolist()
    full = [" ".join(map(str, words)) for words in zip(first, last, purpose, number, strict=True)]
    short = [
        f"{first[at][0] if is_initial[at] else first[at]} {last[at]}"
        f" {SHORT[purpose[at]] if is_short[at] else purpose[at]} {number[at]}".upper()[: width[at]].rstrip()
        for at in range(count)
    ]
    return full, short


def _rows(rng: np.random.Generator, count: int) -> Ints:
    """The movements of one side, shuffled; a few are absent."""
    rows: Ints = np.flatnonzero(rng.random(count) >= MISSING_SHARE)
    rng.shuffle(rows)
    return rows


def _table(rows: Ints, day: Ints, amount: Ints, texts: list[str], prefix: str) -> pa.Table:
    size = len(rows)
    columns = {name: pa.nulls(size, TRANSACTION_SCHEMA.field(name).type) for name in TRANSACTION_SCHEMA.names}
    columns |= {
        "line": pa.array(np.arange(2, size + 2)),
        "txn_id": pc.binary_join_element_wise(prefix, pa.array(np.arange(size)).cast(pa.string()), "-"),
        "date": pa.array(day[rows].astype(np.int32)).cast(pa.date32()),
        "amount": pa.array(amount[rows]),
        "currency": pa.repeat("EUR", size),
        "description": pa.array(texts, pa.string()).take(pa.array(rows)),
    }
    return pa.table(columns, schema=TRANSACTION_SCHEMA)
