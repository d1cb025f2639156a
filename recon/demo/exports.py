"""The three exports of the company as their systems write them: one header, date style and decimal style each.

- gateway: comma, ISO instants in UTC, plain decimals, a fee beside each amount, newest first;
- bank: a statement with a preamble, opening and closing balances and a footer; semicolon, DD/MM/YYYY, decimal comma,
  a debit and a credit column, texts reworded or clipped;
- billing: quoted, DD-MM-YYYY, thousands separators, credit notes in parentheses, a byte order mark.

Every function is pure: movements in, `Export` out, whose entries know which movement each line is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

from recon.demo.company import AMBIGUOUS_OFF, AMOUNT_OFF_MAX, HOME, Fault, Movement
from recon.money import exponent, to_decimal, to_text

TWIN_OFFSET: Final = 3_000
"""The second payment of an ambiguous pair has this much more in its number."""

PAYOUTS: Final = frozenset({Fault.PAID_OUT, Fault.PAID_OUT_SHORT})
PART_OFFSETS: Final = (4_000, 5_000)
"""The second and third payment of a payout have so much more in their numbers."""

EXCHANGED: Final = frozenset({Fault.EXCHANGED, Fault.EXCHANGED_DEAR, Fault.EXCHANGED_BLIND})
RATES: Final = {"USD": Decimal("18.42"), "EUR": Decimal("20.15"), "KWD": Decimal("61.3")}
"""What one of each is in `HOME`; the rules know all but the last."""

IN_GATEWAY: Final = frozenset(Fault) - {Fault.NOT_PAID, Fault.BANK_ONLY}
IN_BANK: Final = frozenset(Fault) - {Fault.NOT_PAID, Fault.NOT_SETTLED, Fault.REVERSED}
IN_BILLING: Final = frozenset(Fault) - {Fault.NOT_BILLED, Fault.BANK_ONLY, Fault.PLATFORM_FEE, Fault.REVERSED}

GATEWAY_HEADER: Final = (
    "id",
    "Created (UTC)",
    "Type",
    "Invoice",
    "Amount",
    "Fee",
    "Currency",
    "Customer",
    "Description",
    "Payout ID",
)
BANK_HEADER: Final = ("Date", "Value date", "Details", "Reference", "Debit", "Credit", "Currency", "Balance")
BILLING_HEADER: Final = ("Invoice No", "Invoice Date", "Customer", "Amount", "Currency", "Type", "Memo")

OPENING_BALANCE: Final = {"ZAR": 48_215_000, "USD": 1_250_400, "EUR": 903_150, "JPY": 2_410_000, "KWD": 5_120_250}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of an export: the movement it is about, the amount it carries there, and whether it can be read."""

    number: int
    amount: int
    currency: str
    cells: tuple[str, ...]
    is_readable: bool = True
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One file: its text, and its entries by physical line."""

    text: str
    entries: tuple[Entry, ...]

    def reject_lines(self) -> frozenset[int]:
        return frozenset(entry.line for entry in self.entries if not entry.is_readable)


def gateway_export(movements: Sequence[Movement]) -> Export:
    """The payment gateway's export: charges, refunds and the gateway's own fees."""
    entries: list[Entry] = []
    for movement in _with_parts(m for m in movements if m.fault in IN_GATEWAY):
        entry = _gateway_entry(movement)
        if movement.fault is Fault.GATEWAY_UNREADABLE:
            entry = _spoilt(entry, column=4, value=entry.cells[4].replace("0", "O", 1) + "?")
        entries += [entry] * (2 if movement.fault is Fault.CHARGED_TWICE else 1)
        if movement.fault is Fault.REVERSED:
            entries.append(_reversal(movement))
    left_out = {m.number + PART_OFFSETS[-1] for m in movements if m.fault is Fault.PAID_OUT_SHORT}
    entries = [entry for entry in entries if entry.number not in left_out]
    return _written(reversed(entries), header=GATEWAY_HEADER)


def _gateway_entry(movement: Movement) -> Entry:
    kind = "fee" if movement.fault is Fault.PLATFORM_FEE else "charge" if movement.amount >= 0 else "refund"
    fee = _fee(movement) * (2 if movement.fault is Fault.FEE_WRONG else 1)
    cells = (
        movement.charge_id,
        movement.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        kind,
        "" if kind == "fee" else movement.invoice,
        to_text(movement.amount, movement.currency),
        to_text(fee, movement.currency),
        movement.currency,
        movement.customer,
        f"{movement.customer} {movement.plan}",
        _payout_id(movement) if movement.fault in PAYOUTS | EXCHANGED else "",
    )
    return Entry(number=movement.number, amount=movement.amount, currency=movement.currency, cells=cells)


def _fee(movement: Movement) -> int:
    """2.9 % of money in, as `DEMO_RULES` schedule it."""
    return movement.amount * 29 // 1000 if movement.amount > 0 else 0


def _payout_id(movement: Movement) -> str:
    """One for all payments of a payout: their numbers differ by thousands."""
    return f"po_{movement.at:%y%m%d}{movement.number % 1000:03d}"


def _reversal(movement: Movement) -> Entry:
    taken_back = replace(movement, amount=-movement.amount, at=movement.at + timedelta(minutes=1))
    entry = _gateway_entry(taken_back)
    return replace(entry, cells=(f"{entry.cells[0]}_r", *entry.cells[1:3], movement.invoice, *entry.cells[4:]))


def billing_export(movements: Sequence[Movement]) -> Export:
    """The billing system's export: invoices and credit notes."""
    entries: list[Entry] = []
    for movement in _with_parts(m for m in movements if m.fault in IN_BILLING):
        entry = _billing_entry(movement)
        if movement.fault is Fault.BILLING_UNREADABLE:
            entry = _spoilt(entry, column=1, value="31-02-2026")
        entries += [entry] * (2 if movement.fault is Fault.BILLED_TWICE else 1)
    return _written(entries, header=BILLING_HEADER, quoting=csv.QUOTE_ALL, start="\ufeff")


def _billing_entry(movement: Movement) -> Entry:
    amount = movement.amount
    if movement.fault is Fault.BILLED_WRONG:
        amount += 500 if movement.number % 2 else -100
    shown = _grouped(abs(amount), movement.currency, thousands=",", decimal=".")
    cells = (
        movement.invoice,
        (movement.day - timedelta(days=movement.number % 3 == 0)).strftime("%d-%m-%Y"),
        movement.customer,
        shown if amount >= 0 else f"({shown})",
        movement.currency,
        "Invoice" if amount >= 0 else "Credit note",
        f"{movement.plan}, {movement.customer}" + ("" if amount >= 0 else "\nAgreed by phone"),
    )
    return Entry(number=movement.number, amount=amount, currency=movement.currency, cells=cells)


def bank_export(movements: Sequence[Movement]) -> Export:
    """The bank's statement of a multi-currency account."""
    booked = sorted((m for m in movements if m.fault in IN_BANK), key=lambda m: (_booked_on(m), m.number))
    balance = dict(OPENING_BALANCE)
    entries: list[Entry] = []
    for movement in booked:
        for _ in range(2 if movement.fault is Fault.BANKED_TWICE else 1):
            entry = _bank_entry(movement, balance)
            if movement.fault is Fault.BANK_UNREADABLE:
                entry = _spoilt(entry, column=0, value="00/00/2026")
            entries.append(entry)
    return _written(
        entries,
        header=BANK_HEADER,
        delimiter=";",
        start=_preamble(booked),
        before=_balances("Opening balance", OPENING_BALANCE),
        after=_balances("Closing balance", balance),
        end=f"-- {len(entries)} rows --\r\n",
    )


def _bank_entry(movement: Movement, balance: dict[str, int]) -> Entry:
    amount, currency = _banked(movement)
    balance[currency] += amount
    booked_on = _booked_on(movement).strftime("%d/%m/%Y")
    shown = _european(abs(amount), currency)
    cells = (
        booked_on,
        booked_on,
        _bank_text(movement),
        _payout_id(movement) if movement.fault in PAYOUTS | EXCHANGED else "",
        shown if amount < 0 else "",
        shown if amount >= 0 else "",
        currency,
        _european(balance[currency], currency),
    )
    return Entry(number=movement.number, amount=amount, currency=currency, cells=cells)


def _banked(movement: Movement) -> tuple[int, str]:
    """What the bank books, and in which currency."""
    if movement.fault in EXCHANGED:
        return _exchanged(movement), HOME
    if movement.fault in PAYOUTS:
        return _paid_out(movement), movement.currency
    return movement.amount + _bank_difference(movement), movement.currency


def _exchanged(movement: Movement) -> int:
    """The amount in `HOME`: up to 0.3 % off the rate, as banks are, or 4 % where they charge for it."""
    margin = Decimal("0.04") if movement.fault is Fault.EXCHANGED_DEAR else Decimal(movement.number % 4) / 1000
    value = to_decimal(movement.amount, movement.currency) * RATES[movement.currency] * (1 - margin)
    return int(value.scaleb(exponent(HOME)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _paid_out(movement: Movement) -> int:
    """What the bank gets of a payout: its payments less their fees."""
    return sum(part.amount - _fee(part) for part in _with_parts([movement]))


def _booked_on(movement: Movement) -> date:
    late = 1 + movement.number % 2 if movement.fault is Fault.SETTLED_LATE else 0
    return movement.day + timedelta(days=late)


def _bank_difference(movement: Movement) -> int:
    if movement.fault is Fault.AMBIGUOUS:
        return AMBIGUOUS_OFF
    if movement.fault is Fault.BANK_SHORT:
        return -(1 + movement.number % AMOUNT_OFF_MAX) * (1 if movement.number % 3 else -1)
    return 0


def _bank_text(movement: Movement) -> str:
    """The gateway's text, as a bank passes it on: in capitals, clipped, or in another order when it came late."""
    if movement.fault in PAYOUTS:
        return "PAYLANE PAYOUT"
    if movement.fault in EXCHANGED:
        return f"PAYLANE PAYOUT {movement.currency}"
    if movement.fault is Fault.BANK_ONLY:
        return f"CASH DEPOSIT BRANCH {movement.number % 90 + 10}"
    if movement.fault is Fault.AMBIGUOUS:
        return f"{movement.customer} {movement.plan}"
    if movement.fault is Fault.SETTLED_LATE:
        return f"EFT {movement.plan} {movement.customer}".upper()
    text = f"{movement.customer} {movement.plan}"
    return (f"CARD {text.upper()}", text, text[:26].rstrip(), text.upper())[movement.number % 4]


def _preamble(booked: Sequence[Movement]) -> str:
    period = f"{booked[0].day:%d/%m/%Y};{booked[-1].day:%d/%m/%Y}" if booked else ";"
    return f"Meridian Bank;Statement of account\r\nAccount;62 8841 0093 17\r\nPeriod;{period}\r\n\r\n"


def _balances(label: str, balance: dict[str, int]) -> list[tuple[str, ...]]:
    return [
        ("", "", f"{label} {currency}", "", "", "", currency, _european(amount, currency))
        for currency, amount in balance.items()
    ]


def _with_parts(movements: Iterable[Movement]) -> list[Movement]:
    """Both payments of an ambiguous pair, equally far from the one bank line; all of a payout; all else as it is."""
    found: list[Movement] = []
    for movement in movements:
        found.append(movement)
        if movement.fault is Fault.AMBIGUOUS:
            found.append(
                replace(movement, number=movement.number + TWIN_OFFSET, amount=movement.amount + 2 * AMBIGUOUS_OFF)
            )
        if movement.fault in PAYOUTS:
            found += [
                replace(movement, number=movement.number + offset, amount=movement.amount + more)
                for offset, more in zip(PART_OFFSETS, (300, 700), strict=True)
            ]
    return found


def _spoilt(entry: Entry, *, column: int, value: str) -> Entry:
    cells = (*entry.cells[:column], value, *entry.cells[column + 1 :])
    return replace(entry, cells=cells, is_readable=False)


def _grouped(amount: int, currency: str, *, thousands: str, decimal: str) -> str:
    """Minor units, 0 or more, as a person writes them: 123456 of EUR is 1,234.56 or 1.234,56."""
    whole, _, decimals = to_text(amount, currency).partition(".")
    text = f"{int(whole):,}".replace(",", thousands)
    return f"{text}{decimal}{decimals}" if decimals else text


def _european(amount: int, currency: str) -> str:
    return _grouped(amount, currency, thousands=".", decimal=",")


def _written(
    entries: Iterable[Entry],
    *,
    header: tuple[str, ...],
    delimiter: str = ",",
    quoting: Literal[0, 1] = csv.QUOTE_MINIMAL,
    start: str = "",
    before: Sequence[tuple[str, ...]] = (),
    after: Sequence[tuple[str, ...]] = (),
    end: str = "",
) -> Export:
    buffer = io.StringIO(newline="")
    buffer.write(start)
    writer = csv.writer(buffer, delimiter=delimiter, quoting=quoting)
    writer.writerows([header, *before])
    placed: list[Entry] = []
    line = start.count("\n") + len(before) + 2
    for entry in entries:
        placed.append(replace(entry, line=line))
        writer.writerow(entry.cells)
        line += 1 + sum(cell.count("\n") for cell in entry.cells)
    writer.writerows(after)
    buffer.write(end)
    return Export(text=buffer.getvalue(), entries=tuple(placed))
