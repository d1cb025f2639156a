"""How values look on a page: one form for each, and one order, label and colour for each kind and status.

Text that came from a file goes through `md()` before it reaches any widget that renders Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from recon.model.outcome import DiscrepancyKind, Pass, RowOutcome
from recon.model.transactions import Side
from recon.money import to_decimal, to_display

NONE: Final = "–"
MINUS: Final = "\u2212"
CARRIED: Final = "carried"
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])")
_ADDRESS: Final = re.compile(r"https?(?=://)|www(?=\.)", re.IGNORECASE)
_JOINER: Final = "\u2060"
_INVISIBLE: Final = re.compile("[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How one member of a closed set is shown. `color` is a Streamlit badge colour; `slot` a chart palette index."""

    label: str
    color: str
    icon: str
    slot: int

    def badge(self) -> str:
        """The Markdown of its badge: colour never alone, always with the label."""
        return f":{self.color}-badge[{self.label}]"


KINDS: Final[Mapping[DiscrepancyKind, Look]] = {
    DiscrepancyKind.AMOUNT_MISMATCH: Look(label="Amount mismatch", color="blue", icon=":material/difference:", slot=0),
    DiscrepancyKind.MISSING_IN_REFERENCE: Look(
        label="Missing in reference", color="green", icon=":material/unknown_document:", slot=1
    ),
    DiscrepancyKind.MISSING_IN_SOURCE: Look(
        label="Missing in source", color="orange", icon=":material/unknown_document:", slot=2
    ),
    DiscrepancyKind.SUGGESTION: Look(label="Suggestion", color="violet", icon=":material/live_help:", slot=3),
    DiscrepancyKind.DUPLICATE: Look(label="Duplicate", color="gray", icon=":material/content_copy:", slot=4),
    DiscrepancyKind.INCOMPLETE_GROUP: Look(
        label="Incomplete group", color="yellow", icon=":material/group_work:", slot=6
    ),
    DiscrepancyKind.FEE_VARIANCE: Look(label="Fee variance", color="red", icon=":material/price_change:", slot=8),
    DiscrepancyKind.FEE: Look(label="Fees", color="gray", icon=":material/percent:", slot=7),
    DiscrepancyKind.FX_VARIANCE: Look(label="FX variance", color="red", icon=":material/currency_exchange:", slot=9),
    DiscrepancyKind.FX_CONVERSION: Look(
        label="FX conversions", color="gray", icon=":material/currency_exchange:", slot=7
    ),
    DiscrepancyKind.DECISION_LOST: Look(label="Decision lost", color="red", icon=":material/link_off:", slot=5),
    DiscrepancyKind.IN_TRANSIT: Look(label="In transit", color="gray", icon=":material/local_shipping:", slot=9),
    DiscrepancyKind.SET_ASIDE: Look(label="Set aside", color="gray", icon=":material/inbox:", slot=9),
}
"""In the order every chart, legend, filter and table shows them."""

RUN_STATUS: Final[Mapping[str, Look]] = {
    "queued": Look(label="Queued", color="gray", icon=":material/schedule:", slot=4),
    "running": Look(label="Running", color="blue", icon=":material/sync:", slot=0),
    "succeeded": Look(label="Succeeded", color="green", icon=":material/check_circle:", slot=1),
    "failed": Look(label="Failed", color="red", icon=":material/error:", slot=5),
    "cancelled": Look(label="Cancelled", color="gray", icon=":material/cancel:", slot=4),
}

DISCREPANCY_STATUS: Final[Mapping[str, Look]] = {
    "open": Look(label="Open", color="red", icon=":material/radio_button_unchecked:", slot=5),
    "resolved": Look(label="Resolved", color="green", icon=":material/check_circle:", slot=1),
}

OUTCOMES: Final[Mapping[RowOutcome, str]] = {
    RowOutcome.MATCHED: "Matched",
    RowOutcome.SUGGESTED: "Suggested",
    RowOutcome.DUPLICATE: "Duplicate",
    RowOutcome.NETTED: "Cancelled out",
    RowOutcome.MISSING: "No counterpart",
    RowOutcome.IN_TRANSIT: "In transit",
    RowOutcome.SET_ASIDE: "Set aside",
}

PASSES: Final[Mapping[Pass, str]] = {
    Pass.DECIDED: "By hand",
    Pass.IDENTITY: "Same reference",
    Pass.GROUPS: "Same payout or batch",
    Pass.EXACT: "Same amount and date",
    Pass.FEES: "Same amount less fee",
    Pass.FX: "Exchange rate",
    Pass.SUMS: "Adds up",
    Pass.SCORED: "Best score",
}

SIDES: Final[Mapping[Side, str]] = {Side.SOURCE: "Source", Side.REFERENCE: "Reference"}


def md(text: object) -> str:
    """Text as Markdown that shows exactly that text: no link, image, colour or LaTeX, and no invisible characters.

    But one: a word joiner parts an address, which Markdown would make a link of even where it is escaped.
    """
    return _MARKDOWN.sub(r"\\\1", _ADDRESS.sub(f"\\g<0>{_JOINER}", plain(text)))


def plain(text: object) -> str:
    """Text on one line, without control or direction-changing characters."""
    return _INVISIBLE.sub(" ", str(text)).strip()


def clip(text: object, length: int) -> str:
    """`plain(text)`, at most `length` characters, its cut shown by an ellipsis."""
    line = plain(text)
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def money(amount: int | None, currency: str) -> str:
    """Minor units -> `−1,234.50 EUR`."""
    return NONE if amount is None else to_display(amount, currency)


def compact(number: int) -> str:
    """A whole number in few characters, where the exact one stands elsewhere: `9,999`, `101K`. Never rounded up."""
    return count(number) if number < 10_000 else f"{number // 1000:,}K"


def figure(amount: int | None, currency: str) -> str:
    """Minor units -> `−1,234.50`, where the currency stands beside it."""
    return NONE if amount is None else to_display(amount, currency).rsplit(" ", 1)[0]


def compact_money(amount: int, currency: str) -> str:
    """Minor units -> about three digits (`1.23M EUR`), for a headline; never for a figure someone must tie out."""
    value = to_decimal(abs(amount), currency)
    sign = MINUS if amount < 0 else ""
    return f"{sign}{_compact(value)} {currency}"


def _compact(value: Decimal) -> str:
    for unit, suffix in ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**4, "K")):
        if value >= unit:
            scaled = value / (unit if suffix != "K" else 1000)
            return f"{scaled:.{2 if scaled < 10 else 1 if scaled < 100 else 0}f}{suffix}"
    return f"{value:,}"


def count(number: int | None) -> str:
    """A whole number with thousands separated."""
    return NONE if number is None else f"{number:,}".replace("-", MINUS)


def line_text(line: int, runs: Mapping[int, int] | None = None) -> str:
    """A row's line in its file, or that it was carried; `runs` has the runs in which carried rows came first."""
    if line >= 0:
        return str(line)
    first = (runs or {}).get(line)
    return CARRIED if first is None else f"{CARRIED} from run {first}"


def first_of(names: Sequence[str]) -> str:
    """`Ana Lindqvist`, `Ana Lindqvist +2`; plain text."""
    return clip(names[0], 24) + (f" +{len(names) - 1}" if len(names) > 1 else "")


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """`1 run`, `3 runs`, `2 discrepancies`."""
    return f"{count(number)} {noun if number == 1 else plural or noun + 's'}"


def percent(part: int | None, whole: int | None) -> str:
    """`98.67 %`, cut, not rounded: 100 % only when nothing is missing."""
    if part is None or not whole:
        return NONE
    hundredths = part * 10_000 // whole
    return f"{hundredths // 100}.{hundredths % 100:02d} %" if part != whole else "100 %"


def day(value: date | None) -> str:
    """`20 Nov 2026`."""
    return NONE if value is None else f"{value.day} {value:%b %Y}"


def instant(at: datetime | None) -> str:
    """`20 Nov 2026, 06:04 UTC`."""
    return NONE if at is None else f"{day(at.astimezone(UTC).date())}, {at.astimezone(UTC):%H:%M} UTC"


def when(at: datetime | None, *, now: datetime) -> str:
    """`06:04` today, `19 Nov 06:04` this year, else `19 Nov 2025`; in UTC."""
    if at is None:
        return NONE
    at, now = at.astimezone(UTC), now.astimezone(UTC)
    if at.date() == now.date():
        return f"{at:%H:%M}"
    return f"{at.day} {at:%b %H:%M}" if at.year == now.year else day(at.date())


def duration(seconds: float | timedelta | None) -> str:
    """`45 ms`, `4.2 s`, `12 s`, `3 min 12 s`, `2 h 05 min`."""
    if seconds is None:
        return NONE
    total = seconds.total_seconds() if isinstance(seconds, timedelta) else seconds
    if total < 1:
        return f"{max(total, 0) * 1000:.0f} ms"
    if total < 10:
        return f"{total:.1f} s"
    whole = round(total)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def age(since: date, *, today: date) -> str:
    """`today`, `1 day`, `12 days`; a date still to come says so."""
    days = (today - since).days
    if days < 0:
        return f"in {counted(-days, 'day')}"
    return "today" if days == 0 else counted(days, "day")


def size(size_bytes: int) -> str:
    """`112.6 MB`: powers of 1000, as file managers show them."""
    value, unit = Decimal(size_bytes), "bytes"
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            break
        value /= 1000
    return f"{value:,.1f} {unit}" if unit != "bytes" else counted(size_bytes, "byte")


def kind_label(kind: str) -> str:
    """The label of a kind, also of one a later version has written."""
    return KINDS[DiscrepancyKind(kind)].label if kind in {*DiscrepancyKind} else words(kind)


def words(name: str) -> str:
    """`amount_tolerance_minor` -> `Amount tolerance minor`."""
    return name.replace("_", " ").capitalize()
