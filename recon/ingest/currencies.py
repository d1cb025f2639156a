"""Currency text -> ISO 4217 codes: a column of codes, a symbol beside an amount, a currency named in a header.

The rule: a symbol that several currencies share (`$`, `kr`, `¥`) never decides which one is meant; it only confirms
or contradicts what something else decided. Old and informal codes are taken by a fixed table, and counted.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa

from recon.ingest.cells import clean
from recon.ingest.codes import ValueCode, Verdicts, code_number
from recon.money import exponents

ALIASES: Final = {
    "RMB": "CNY",
    "CNH": "CNY",
    "UKP": "GBP",
    "STG": "GBP",
    "RUR": "RUB",
    "NTD": "TWD",
    "NIS": "ILS",
    "EURO": "EUR",
}
"""Codes that are not ISO 4217 but mean one currency only."""

_DECIDING: Final = {
    "€": "EUR", "£": "GBP", "₹": "INR", "₽": "RUB", "₺": "TRY", "₴": "UAH", "₪": "ILS", "₫": "VND", "฿": "THB",
    "₦": "NGN", "₡": "CRC", "₲": "PYG", "₸": "KZT", "₼": "AZN", "₾": "GEL", "₭": "LAK", "₮": "MNT", "৳": "BDT",
    "₱": "PHP", "zł": "PLN", "kč": "CZK", "ft": "HUF", "us$": "USD", "r$": "BRL", "a$": "AUD",
    "au$": "AUD", "ca$": "CAD", "nz$": "NZD", "hk$": "HKD", "nt$": "TWD", "mx$": "MXN", "cn¥": "CNY", "jp¥": "JPY",
    "rm": "MYR", "gh₵": "GHS", "₵": "GHS", "sfr": "CHF",
}  # fmt: skip
_DOLLARS: Final = (
    "USD CAD AUD NZD HKD SGD TWD MXN ARS CLP COP UYU DOP BSD BBD BZD BMD BND FJD GYD JMD KYD LRD NAD SBD SRD TTD XCD"
    " CVE MOP NIO TOP WST BRL CUP"
)
_SHARED: Final = {
    "$": _DOLLARS, "kr": "SEK NOK DKK ISK", "¥": "JPY CNY", "￥": "JPY CNY", "rs": "INR PKR LKR NPR MUR SCR",
    "₩": "KRW KPW", "r": "ZAR", "c$": "CAD NIO", "s$": "SGD SBD", "fr": "CHF XOF XAF XPF DJF GNF KMF RWF CDF BIF",
    "руб": "RUB BYN", "р": "RUB BYN", "lei": "RON MDL", "tl": "TRY", "din": "RSD", "дин": "RSD",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyMark:
    """What a currency text says: the currency it `decides`, or None, and all it `may_mean`."""

    decides: str | None
    may_mean: frozenset[str]


@cache
def read_mark(text: str) -> CurrencyMark | None:
    """The meaning of a code, alias or symbol (`EUR`, `rmb`, `US$`, `Rs.`); None when it is none of these."""
    code = ALIASES.get(text.upper(), text.upper())
    if text.isascii() and code in exponents():
        return CurrencyMark(decides=code, may_mean=frozenset([code]))
    symbol = text.casefold().removesuffix(".")
    if symbol in _DECIDING:
        return CurrencyMark(decides=_DECIDING[symbol], may_mean=frozenset([_DECIDING[symbol]]))
    if symbol in _SHARED:
        return CurrencyMark(decides=None, may_mean=frozenset(_SHARED[symbol].split()))
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedCurrencies:
    """A column of currencies: `currencies` (rows, string) is null where `verdicts` says why.

    `aliases` counts rows by the informal text that stood for a code: `(("RMB", "CNY", 12),)`.
    """

    currencies: pa.Array
    verdicts: Verdicts
    aliases: tuple[tuple[str, str, int], ...]


def parse_currencies(text: pa.Array | pa.ChunkedArray) -> ParsedCurrencies:
    """A column of currency codes, aliases and symbols -> ISO 4217 codes in upper case."""
    if isinstance(text, pa.ChunkedArray):
        text = pa.concat_arrays(text.chunks) if text.num_chunks else pa.array([], text.type)
    encoded = text.fill_null("").dictionary_encode()
    cells = [clean(cell) for cell in encoded.dictionary.to_pylist()]
    index = np.asarray(encoded.indices, dtype=np.int64)
    read = [_read_currency(cell) for cell in cells]
    numbers = np.array([code_number(code) for _, code in read], np.uint8)
    currencies = pa.array([currency for currency, _ in read], pa.string())
    counts: Counter[tuple[str, str]] = Counter()
    rows = np.bincount(index, minlength=len(cells)).tolist()
    for cell, count in zip(cells, rows, strict=True):
        if (alias := cell.upper()) in ALIASES:
            counts[alias, ALIASES[alias]] += count
    return ParsedCurrencies(
        currencies=currencies.take(pa.array(index)),
        verdicts=Verdicts(numbers=numbers[index]),
        aliases=tuple((alias, code, count) for (alias, code), count in sorted(counts.items())),
    )


def _read_currency(cell: str) -> tuple[str | None, ValueCode | None]:
    if not cell:
        return None, ValueCode.CURRENCY_EMPTY
    mark = read_mark(cell)
    if mark is None:
        return None, ValueCode.CURRENCY_UNKNOWN
    return mark.decides, None if mark.decides else ValueCode.CURRENCY_SYMBOL_SHARED


_WORDS_THAT_ARE_CODES: Final = frozenset(
    ("ALL", "BAM", "BOB", "COP", "CUP", "GEL", "MAD", "MOP", "PEN", "RON", "SOS", "STD", "TOP", "TRY")
)
_BRACKETED: Final = re.compile(r"[(\[{]\s*([^\s()\[\]{}]{1,4})\s*[)\]}]")
_AT_THE_END: Final = re.compile(r"(?:\bin |_)([A-Za-z]{3})\s*$")
_UPPER: Final = re.compile(r"(?<![^\W_])([A-Z]{3})(?![^\W_])")


def currency_in_header(header: str) -> str | None:
    """The currency an amount column's header names: `amount_zar`, `Betrag (EUR)`, `Credit in CHF`, `Amount €`.

    None when it names none, names two, or uses a word that only happens to spell a code (`amount_all`, `TOP UP`): such
    a code counts in brackets only, or in capitals at the end of a header that is not all capitals (`Amount TRY`).
    """
    named = {mark.decides for mark in map(read_mark, _BRACKETED.findall(header)) if mark and mark.decides}
    named = named or {code for code in _codes_in(header) if code in exponents()}
    named = named or {
        code for symbol, code in _DECIDING.items() if not symbol.isalpha() and symbol in header.casefold()
    }
    return named.pop() if len(named) == 1 else None


def _codes_in(header: str) -> set[str]:
    written = set(_UPPER.findall(header)) | set(_AT_THE_END.findall(header))
    codes = {ALIASES.get(word.upper(), word.upper()) for word in written} - _WORDS_THAT_ARE_CODES
    last = header.rstrip()[-3:]
    return codes | ({last} & _WORDS_THAT_ARE_CODES if not header.isupper() else set())
