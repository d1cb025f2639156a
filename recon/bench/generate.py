"""Two seeded transaction exports of any size with known truth, written as CSV files.

Of N movements 92 % agree in amount, date and currency, 3 % are off by 1 to 50 minor units, 3 % are booked a day or
two apart under a reworded text, 1 % are missing on each side; then 0.5 % of the rows come twice, half of them on each
side. Four in ten amounts sit on popular price points, so that keys collide, and a quarter of the agreeing pairs are
reworded as well. Each system has its own ids, and both files are shuffled: neither ids nor row order tell the truth.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from recon.model.rules import Rules
from recon.model.transactions import TRANSACTION_SCHEMA

Ints = NDArray[np.int64]

FIRST_DAY: Final = np.datetime64("2025-01-01")
DAYS: Final = 90
HEADER_LINES: Final = 1
RULES: Final = Rules(amount_tolerance_minor=50, days_before=2, days_after=2, description_threshold=70)
"""What the files are matched with: wide enough for every fault of a movement that stands on both sides."""

PRICE_POINTS: Final = np.array(
    (
        999,
        4500,
        1999,
        6000,
        9900,
        14900,
        19900,
        29900,
        499,
        1499,
        2500,
        5000,
        799,
        1299,
        3500,
        7500,
        12500,
        39900,
        49900,
    ),
    dtype=np.int64,
)
CURRENCIES: Final = ("ZAR", "USD", "EUR", "GBP", "NGN", "KES")
CURRENCY_SHARES: Final = (0.70, 0.12, 0.08, 0.05, 0.03, 0.02)

MERCHANTS: Final = (
    "Shoprite|Woolworths|Checkers|Capitec|Vodacom|Netflix|Uber|Dischem|Takealot|Engen|Sasol|Clicks|Spar|Makro|MTN|"
    "Telkom|Spotify|Amazon|Google|Apple|Microsoft|Discovery|Sanlam|Nandos|Steers|Wimpy|Builders|Game|Mugg|Kauai"
)
PRODUCTS: Final = (
    "Food|Checkers|Bank fee|airtime|subscription|Eats delivery|pharmacy|Online|Fuel|Grocery|Wholesale|Prepaid|Premium|"
    "Marketplace|Cloud|Store|Insurance|Life|Burgers|Coffee|Warehouse|Hardware|Monthly plan|Card payment"
)
PLACES: Final = (
    "Cape Town|Johannesburg|Durban|Sandton|Pretoria|Stellenbosch|Gqeberha|Bloemfontein|Polokwane|George|Centurion|"
    "Randburg|Bellville|Umhlanga|Paarl|Knysna"
)
PREFIXES: Final = "POS PURCHASE |CARD |EFT |INTERNET PMT |DEBIT ORDER |"


class Fault(IntEnum):
    """What is wrong with a movement."""

    NONE = 0
    AMOUNT_OFF = 1
    DATE_SHIFTED = 2
    MISSING_IN_REFERENCE = 3
    MISSING_IN_SOURCE = 4


SHARES: Final = {
    Fault.NONE: 0.92,
    Fault.AMOUNT_OFF: 0.03,
    Fault.DATE_SHIFTED: 0.03,
    Fault.MISSING_IN_REFERENCE: 0.01,
    Fault.MISSING_IN_SOURCE: 0.01,
}
DUPLICATE_SHARE: Final = 0.005
REWORDED_SHARE: Final = 0.25
MAX_AMOUNT_OFF: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Which movement each row of the two files is, by 0-based data row, and each movement's fault.

    Two rows belong together when they are the same movement. A duplicated row names the same movement twice; either
    copy is the right partner.
    """

    source_movement: Ints
    reference_movement: Ints
    fault: NDArray[np.int8]

    def pair_count(self) -> int:
        """Movements that stand on both sides: what a perfect match finds."""
        return int((self.fault <= Fault.DATE_SHIFTED).sum())

    def score(self, source_movement: Ints, reference_movement: Ints) -> tuple[float, float]:
        """Precision and recall of pairs, each given as the movements of its two rows.

        Precision: right pairs of all pairs. Recall: movements in a right pair of all that stand on both sides.
        """
        is_right = source_movement == reference_movement
        found = len(np.unique(source_movement[is_right]))
        return float(is_right.sum() / max(1, len(is_right))), found / self.pair_count()

    def save(self, path: Path) -> None:
        np.savez(path, source=self.source_movement, reference=self.reference_movement, fault=self.fault)

    @staticmethod
    def load(path: Path) -> Truth:
        with np.load(path) as stored:
            return Truth(
                source_movement=stored["source"], reference_movement=stored["reference"], fault=stored["fault"]
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Movements:
    """N movements as both systems book them: numpy and Arrow columns of N rows."""

    fault: NDArray[np.int8]
    currency: NDArray[np.int32]  # index into CURRENCIES
    source_day: NDArray[np.int32]  # days since 1970-01-01
    reference_day: NDArray[np.int32]
    source_amount: Ints  # minor units
    reference_amount: Ints
    source_text: Any
    reference_text: Any


def generate(folder: Path, count: int, *, seed: int = 7) -> Truth:
    """Write `source.csv`, `reference.csv` and `truth.npz` of `count` movements; same seed, same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    source, reference, truth = generate_tables(count, seed=seed)
    for name, table in (("source", source), ("reference", reference)):
        columns = {
            "id": table["txn_id"],
            "reference": table["payment_ref"],
            "date": _day_text(table["date"]),
            "amount": _amount_text(table["amount"].to_numpy()),
            "currency": table["currency"],
            "description": table["description"],
        }
        pacsv.write_csv(pa.table(columns), folder / f"{name}.csv", pacsv.WriteOptions(quoting_style="needed"))
    truth.save(folder / "truth.npz")
    return truth


def generate_tables(count: int, *, seed: int = 7, first: int = 0) -> tuple[pa.Table, pa.Table, Truth]:
    """(source, reference, truth): the rows of `count` movements as tables of TRANSACTION_SCHEMA.

    Lines and ids count from `first`, so that parts of other seeds can be put behind each other.
    """
    rng = np.random.default_rng(seed)
    moved = _movements(rng, count)
    truth = Truth(
        source_movement=_rows(rng, moved.fault, absent=Fault.MISSING_IN_SOURCE),
        reference_movement=_rows(rng, moved.fault, absent=Fault.MISSING_IN_REFERENCE),
        fault=moved.fault,
    )
    mine, theirs = truth.source_movement, truth.reference_movement
    source = _table(rng, "S", "INV-", mine, moved, (moved.source_day, moved.source_amount, moved.source_text), first)
    other = (moved.reference_day, moved.reference_amount, moved.reference_text)
    return source, _table(rng, "R", "BNK", theirs, moved, other, first), truth


def _table(
    rng: np.random.Generator,
    id_prefix: str,
    reference_prefix: str,
    rows: Ints,
    moved: _Movements,
    own: tuple[NDArray[np.int32], Ints, Any],
    first: int,
) -> pa.Table:
    day, amount, text = own
    columns = {
        "line": np.arange(len(rows)) + first + HEADER_LINES + 1,
        "txn_id": _numbered(id_prefix, rng.permutation(len(rows)) + 10**9 + first),
        "payment_ref": _numbered(reference_prefix, rng.integers(10**7, 10**8, len(rows))),
        "date": pa.array(day[rows]).cast(pa.date32()),
        "amount": amount[rows],
        "currency": pa.array(CURRENCIES).take(pa.array(moved.currency[rows])),
        "description": text.take(pa.array(rows)),
    }
    absent = {field.name: pa.nulls(len(rows), field.type) for field in TRANSACTION_SCHEMA if field.name not in columns}
    return pa.table({**columns, **absent}).select(TRANSACTION_SCHEMA.names).cast(TRANSACTION_SCHEMA)


def _movements(rng: np.random.Generator, count: int) -> _Movements:
    fault = rng.choice(list(SHARES), count, p=list(SHARES.values())).astype(np.int8)
    popular = rng.choice(PRICE_POINTS, count, p=_zipf(len(PRICE_POINTS)))
    other = np.maximum(100, np.exp(rng.normal(9.2, 1.4, count)).astype(np.int64))
    amount = np.where(rng.random(count) < 0.40, popular, other)
    off = rng.integers(1, MAX_AMOUNT_OFF + 1, count) * rng.choice([-1, 1], count)
    day = (FIRST_DAY.astype(np.int32) + rng.choice(DAYS, count, p=_weekdays())).astype(np.int32)
    shift = rng.integers(1, 3, count) * rng.choice([-1, 1], count, p=[0.2, 0.8])
    texts = _texts(rng, count, reworded=_reworded(rng, fault))
    return _Movements(
        fault=fault,
        currency=rng.choice(len(CURRENCIES), count, p=CURRENCY_SHARES).astype(np.int32),
        source_day=day,
        reference_day=(day + np.where(fault == Fault.DATE_SHIFTED, shift, 0)).astype(np.int32),
        source_amount=amount,
        reference_amount=amount + np.where(fault == Fault.AMOUNT_OFF, off, 0),
        source_text=texts[0],
        reference_text=texts[1],
    )


def _zipf(size: int) -> NDArray[np.float64]:
    weight = 1 / np.arange(1, size + 1) ** 0.8
    return np.asarray(weight / weight.sum())


def _weekdays() -> NDArray[np.float64]:
    """Quiet weekends, and the debit-order run of the 25th of each month."""
    weight = np.ones(DAYS)
    weight[np.arange(DAYS) % 7 >= 5] = 0.4
    weight[np.arange(DAYS) % 30 == 24] = 3
    return np.asarray(weight / weight.sum())


def _reworded(rng: np.random.Generator, fault: NDArray[np.int8]) -> NDArray[np.bool_]:
    by_chance = (rng.random(len(fault)) < REWORDED_SHARE) & (fault <= Fault.AMOUNT_OFF)
    return np.asarray((fault == Fault.DATE_SHIFTED) | by_chance)


def _texts(rng: np.random.Generator, count: int, *, reworded: NDArray[np.bool_]) -> tuple[Any, Any]:
    """The text of each movement on either side; where reworded, in one of the four ways banks do it."""

    def pick(choices: str) -> Any:
        words = choices.split("|")
        return pa.array(words).take(pa.array(rng.integers(0, len(words), count, dtype=np.int32)))

    merchant, product, place, prefix = pick(MERCHANTS), pick(PRODUCTS), pick(PLACES), pick(PREFIXES)
    number = pa.array(rng.integers(1000, 999999, count)).cast(pa.string())
    number = pc.if_else(pa.array(rng.random(count) < 0.6), _joined(number, " "), "")
    source = _joined(merchant, " ", product, " ", number, place)
    ways = (
        _joined(prefix, pc.utf8_upper(source)),
        _clipped(source, 20),
        _joined(place, " ", merchant, " ", number, product),
        _clipped(_joined(merchant, "*", product, " ", number, place), 24),
    )
    way = rng.integers(0, len(ways), count)
    reference = source
    for index, text in enumerate(ways):
        reference = pc.if_else(pa.array(reworded & (way == index)), text, reference)
    return source, reference


def _joined(*parts: object) -> Any:
    return pc.binary_join_element_wise(*parts, "")


def _clipped(text: Any, width: int) -> Any:
    return pc.utf8_rtrim_whitespace(pc.utf8_slice_codeunits(text, 0, width))


def _rows(rng: np.random.Generator, fault: NDArray[np.int8], *, absent: Fault) -> Ints:
    """The movement of each row of one side, shuffled: all but the absent ones, and this side's duplicates."""
    copies = round(len(fault) * DUPLICATE_SHARE / 2)
    twice = rng.choice(np.flatnonzero(fault <= Fault.DATE_SHIFTED), copies, replace=False)
    rows = np.concatenate([np.flatnonzero(fault != absent), twice]).astype(np.int64)
    rng.shuffle(rows)
    return rows


def _numbered(prefix: str, number: Ints) -> Any:
    return _joined(prefix, pa.array(number).cast(pa.string()))


def _day_text(day: pa.ChunkedArray) -> Any:
    """DD/MM/YYYY, as the seed's exports write it."""
    iso = day.cast(pa.string())
    year, month, date = (pc.utf8_slice_codeunits(iso, *cut) for cut in ((0, 4), (5, 7), (8, 10)))
    return _joined(date, "/", month, "/", year)


def _amount_text(amount: Ints) -> Any:
    """Two decimals and commas between thousands: `1,234.56`."""
    whole, cents = np.divmod(amount, 100)
    thousands, units = np.divmod(whole, 1000)
    millions, middle = np.divmod(thousands, 1000)
    short = pa.array(whole).cast(pa.string())
    long = _joined(pa.array(thousands).cast(pa.string()), ",", _padded(units, 3))
    longest = _joined(pa.array(millions).cast(pa.string()), ",", _padded(middle, 3), ",", _padded(units, 3))
    text = pc.if_else(pa.array(millions > 0), longest, pc.if_else(pa.array(thousands > 0), long, short))
    return _joined(text, ".", _padded(cents, 2))


def _padded(number: Ints, width: int) -> Any:
    return pc.utf8_lpad(pa.array(number).cast(pa.string()), width, "0")


if __name__ == "__main__":
    generate(Path(sys.argv[1]), int(sys.argv[2]), seed=int(sys.argv[3]))
