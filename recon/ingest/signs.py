"""Which way money went: a signed amount, a debit and a credit column, or an amount beside a word for its direction.

Plus is money into the account. Words are taken from a closed list; a word that is not on it, a word that contradicts
the sign, and a column that only ever shows one direction are questions about the whole file.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recon.ingest.aliases import Role, plain
from recon.ingest.amounts import Money, RowCurrencies
from recon.ingest.answers import Answers
from recon.ingest.codes import ValueCode
from recon.ingest.faults import Faults
from recon.ingest.grid import Mask
from recon.ingest.numbers import NumberFormat, ParsedAmounts
from recon.model.reading import Choice, Example, Note, Question

Minor = npt.NDArray[np.int64]

_OUT: Final = (
    "d dr db debit debits debet debito debe soll s af out o outgoing money out withdrawal payment sortie depense uit "
    "addebito uscita cargo kiadas terheles расход дебет sent"
)
_IN: Final = (
    "c cr k credit credits kredit credito haber haben h bij in i incoming deposit entree recette accredito entrata "
    "abono bevetel jovairas приход кредит received"
)
DIRECTIONS: Final = {
    **dict.fromkeys(_OUT.split(), -1),
    **dict.fromkeys(_IN.split(), 1),
    **dict.fromkeys(("money out", "paid out", "payment out"), -1),
    **dict.fromkeys(("money in", "paid in", "payment in"), 1),
}
"""Plain word -> the sign it gives; `S`/`H` are Soll/Haben, `K` is Kredit, `Af`/`Bij` out and in."""
_GIVEN_BACK: Final = ("refund", "refunds", "refunded", "chargeback", "reversal", "erstattung", "remboursement")
_WAYS: Final = {"out": "money out", "in": "money in"}
_SIGN_MODEL: Final = "SIGN_MODEL"
_EXAMPLES: Final = 4


def signed_amounts(
    money: Money, fmt: NumberFormat, currencies: RowCurrencies, answers: Answers, faults: Faults
) -> Minor:
    """Signed minor units of every row, 0 where marked in `faults`; raises Asked(SIGN_MODEL)."""
    reader = _Signs(money, fmt, currencies, answers, faults)
    return reader.single() if Role.AMOUNT in money.positions else reader.pair()


class _Signs:
    def __init__(
        self, money: Money, fmt: NumberFormat, currencies: RowCurrencies, answers: Answers, faults: Faults
    ) -> None:
        self.money, self.fmt, self.currencies = money, fmt, currencies
        self.answers, self.faults = answers, faults

    def read(self, position: int) -> ParsedAmounts:
        parsed = self.money.parse(position, self.fmt, self.currencies.exponents)
        disagrees = parsed.verdicts.is_valid & parsed.disagrees(self.currencies.codes)
        if disagrees.any():
            code = ValueCode.CURRENCY_DISAGREES
            self.faults.mark(
                disagrees, position, code.value, "The currency beside the amount is not the currency of the row."
            )
        return parsed

    # --- one amount column ---

    def single(self) -> Minor:
        position = self.money.positions[Role.AMOUNT]
        parsed = self.read(position)
        self.faults.mark_verdicts(parsed.verdicts, position)
        minor, good = parsed.minor, parsed.verdicts.is_valid
        directions = self.directions(minor, good)
        if directions is not None:
            return self.by_direction(minor, directions, good, position)
        if parsed.indicators.any():
            return self.by_marks_in_text(parsed, good)
        return self.by_kind(minor, good)

    def directions(self, minor: Minor, good: Mask) -> Minor | None:
        """The sign each row's direction word gives, 0 for none; None where the file has no such column."""
        column = self.money.columns.roles.get(Role.INDICATOR)
        if column is not None:
            return self.words(column)
        kind = self.money.columns.roles.get(Role.KIND)
        if kind is None or (minor[good] < 0).any():
            return None
        words = {plain(word) for word in pc.unique(self.money.grid.column(kind)).to_pylist()}
        return self.words(kind) if words and words <= DIRECTIONS.keys() else None

    def words(self, column: int) -> Minor:
        encoded = self.money.grid.column(column).combine_chunks().dictionary_encode()
        words = encoded.dictionary.to_pylist()
        signs = [DIRECTIONS.get(plain(word), 0) for word in words]
        index = np.asarray(encoded.indices, dtype=np.int64)
        unknown = sorted({word.strip() for word, sign in zip(words, signs, strict=True) if not sign})
        if unknown:
            said = self.ask_about_words(unknown, column, index, words)
            if said is None:
                return np.zeros(len(index), np.int64)
            signs = [sign or said[word.strip()] for word, sign in zip(words, signs, strict=True)]
        return np.array(signs, np.int64)[index]

    def ask_about_words(
        self, unknown: Sequence[str], column: int, index: Minor, words: Sequence[str]
    ) -> dict[str, int] | None:
        """The sign each unknown word gives; None when the amounts' own signs count instead.

        An answer names every word (`Refund=out|Sale=in`), so that it says nothing about a word of next month's file.
        """
        name = self.money.columns.names[column]
        ways = (
            list(itertools.product(_WAYS, repeat=len(unknown)))
            if len(unknown) <= 2
            else [(way,) * len(unknown) for way in _WAYS]
        )
        choices = [_choice_of_words(dict(zip(unknown, way, strict=True))) for way in ways]
        choices.append(
            Choice(value="signed", label=f"Nothing: the amounts carry their own signs, whatever {name} says")
        )
        rows = [int(np.flatnonzero(index == i)[0]) for i, word in enumerate(words) if word.strip() in unknown]
        said = ", ".join(_quoted(word) for word in unknown[:_EXAMPLES])
        answer = self.ask(
            f"The column {name} holds {said}, which is no word we know for money in or out. What does it mean?",
            name,
            choices,
            rows[:_EXAMPLES],
            (column, self.money.positions[Role.AMOUNT]),
            accepts=lambda value: _words_said(value).keys() >= set(unknown),
        )
        return None if answer == "signed" else _words_said(answer)

    def by_direction(self, minor: Minor, directions: Minor, good: Mask, position: int) -> Minor:
        """Size from the amount, direction from the word; where they contradict each other, a person says which."""
        if not directions.any():
            return minor
        moved = good & (minor != 0)
        outgoing, incoming = moved & (directions < 0), moved & (directions > 0)
        negatives = moved & (minor < 0)
        is_unsigned = not negatives.any()
        agrees = bool((np.sign(minor[moved]) == directions[moved]).all())
        if is_unsigned or agrees:
            return np.abs(minor) * directions
        rows = np.flatnonzero((outgoing & (minor > 0)) | (incoming & (minor < 0)))[:_EXAMPLES].tolist()
        column = self.money.columns.roles.get(Role.INDICATOR, self.money.columns.roles.get(Role.KIND, position))
        answer = self.ask(
            "The sign of some amounts contradicts the word beside it. Which one says where the money went?",
            self.money.columns.names[column],
            [
                Choice(value="indicator", label="The word: the sign of the amount is ignored"),
                Choice(value="signed", label="The sign of the amount: the word is ignored"),
            ],
            rows,
            (column, position),
        )
        return np.abs(minor) * directions if answer == "indicator" else minor

    def by_marks_in_text(self, parsed: ParsedAmounts, good: Mask) -> Minor:
        """Some amounts carry CR or DR. Which way those went that carry neither, nor a minus, a person says."""
        bare = good & (parsed.indicators == 0) & (parsed.minor > 0)
        if not bare.any():
            return parsed.minor
        rows = [*np.flatnonzero(bare)[:2].tolist(), *np.flatnonzero(parsed.indicators != 0)[:2].tolist()]
        position = self.money.positions[Role.AMOUNT]
        answer = self.ask(
            "Some amounts are marked CR or DR and some are not. Which way did the money of the unmarked ones go?",
            self.money.columns.names[position],
            [
                Choice(value="unmarked_out", label="Unmarked amounts are money out"),
                Choice(value="unmarked_in", label="Unmarked amounts are money in"),
            ],
            rows,
            (position,),
        )
        return np.where(bare, -parsed.minor, parsed.minor) if answer == "unmarked_out" else parsed.minor

    def by_kind(self, minor: Minor, good: Mask) -> Minor:
        """Signed as it stands, unless refunds are as positive as the charges they give back."""
        kind = self.money.columns.roles.get(Role.KIND)
        if kind is None or (minor[good] < 0).any():
            return minor
        lowered = pc.utf8_lower(pc.utf8_trim_whitespace(self.money.grid.column(kind)))
        refunds = good & np.asarray(pc.is_in(lowered, value_set=pa.array(_GIVEN_BACK)).to_numpy(), dtype=bool)
        if not refunds.any() or refunds[good].all():
            return minor
        rows = [*np.flatnonzero(refunds)[:2].tolist(), *np.flatnonzero(good & ~refunds)[:2].tolist()]
        answer = self.ask(
            "Refunds have positive amounts here, like the payments they give back. Which way did their money go?",
            self.money.columns.names[kind],
            [
                Choice(value="refunds_out", label="Refunds are money out, the others money in"),
                Choice(value="signed", label="Every amount is money in, as its sign says"),
            ],
            rows,
            (kind, self.money.positions[Role.AMOUNT]),
        )
        return np.where(refunds, -minor, minor) if answer == "refunds_out" else minor

    # --- a debit and a credit column, or one of them ---

    def pair(self) -> Minor:
        sides = {role: self.read(position) for role, position in self.money.positions.items()}
        if len(sides) == 1:
            return self.lone(*next(iter(sides.items())))
        out, into = sides[Role.DEBIT], sides[Role.CREDIT]
        debit_at, credit_at = self.money.positions[Role.DEBIT], self.money.positions[Role.CREDIT]
        has_out, has_in = ~_is_blank(out), ~_is_blank(into)
        self.faults.mark_verdicts(out.verdicts, debit_at, where=has_out)
        self.faults.mark_verdicts(into.verdicts, credit_at, where=has_in)
        both = "Debit and credit are both filled. A row moves money one way only."
        self.faults.mark((out.minor != 0) & (into.minor != 0), debit_at, "ROW_DEBIT_AND_CREDIT", both)
        self.faults.mark(
            ~has_out & ~has_in, debit_at, ValueCode.AMOUNT_EMPTY.value, "Neither debit nor credit is filled."
        )
        self.faults.mark(
            into.minor < 0, credit_at, "AMOUNT_NEGATIVE", "A credit is negative. A plain amount is expected."
        )
        if self.debits_are_signed(out, debit_at):
            return into.minor + out.minor
        self.faults.mark(out.minor < 0, debit_at, "AMOUNT_NEGATIVE", "A debit is negative, the others are not.")
        return into.minor - out.minor

    def debits_are_signed(self, out: ParsedAmounts, position: int) -> bool:
        """Whether the debit column holds negative amounts throughout, as some banks write them."""
        moved = np.flatnonzero(out.minor)
        if not len(moved) or (out.minor[moved] > 0).any():
            return False
        if len(moved) == 1 and self.answers.get(_SIGN_MODEL) is None:
            answer = self.ask(
                "The only debit of the file is negative. Is it money out, written with its sign?",
                self.money.columns.names[position],
                [
                    Choice(value="debit_negative", label="Yes: debits are written with a minus, it is money out"),
                    Choice(value="debit_positive", label="No: debits are written without a sign, reject the row"),
                ],
                moved.tolist(),
                (position,),
            )
            return answer == "debit_negative"
        if self.answers.get(_SIGN_MODEL) == "debit_positive":
            return False
        text = "Debits are written with a minus; they were read as money out."
        self.money.notes.append(Note(code="DEBITS_NEGATIVE", text=text, count=len(moved)))
        return True

    def lone(self, role: Role, parsed: ParsedAmounts) -> Minor:
        """A file with a debit column and no credit column (or the reverse): which way is plus?"""
        position = self.money.positions[role]
        self.faults.mark_verdicts(parsed.verdicts, position)
        name = self.money.columns.names[position]
        answer = self.ask(
            f"{name} is the only amount column. Which way did the money of its positive amounts go?",
            name,
            [
                Choice(value="out", label="Out of the account"),
                Choice(value="in", label="Into the account"),
            ][:: 1 if role is Role.DEBIT else -1],
            np.flatnonzero(parsed.verdicts.is_valid)[:_EXAMPLES].tolist(),
            (position,),
        )
        return -parsed.minor if answer == "out" else parsed.minor

    def ask(
        self,
        text: str,
        column: str,
        choices: Sequence[Choice],
        rows: Sequence[int],
        positions: Sequence[int],
        accepts: Callable[[str], bool] | None = None,
    ) -> str:
        names = self.money.columns.names
        examples = tuple(
            Example(
                line=int(self.money.grid.lines[row]),
                cells={names[position]: self.money.cell(position, row) for position in positions},
            )
            for row in rows
        )
        question = Question(
            code=_SIGN_MODEL,
            text=text,
            column=column,
            choices=tuple(choices),
            examples=examples,
            free_text=accepts is not None,
        )
        return self.answers.settle(question, accepts)


def _quoted(word: str) -> str:
    return f"“{word}”" if word else "an empty cell"


def _choice_of_words(ways: Mapping[str, str]) -> Choice:
    label = ", ".join(f"{_quoted(word)} is {_WAYS[way]}" for word, way in ways.items())
    return Choice(value="|".join(f"{word}={way}" for word, way in ways.items()), label=label)


def _words_said(answer: str) -> dict[str, int]:
    """`A=out|B=in` as word -> sign; parts of another form are left out."""
    parts = (part.rpartition("=") for part in answer.split("|"))
    return {word: -1 if way == "out" else 1 for word, equals, way in parts if equals and way in _WAYS}


def _is_blank(parsed: ParsedAmounts) -> Mask:
    """No amount in the cell: nothing, or the dash some exports write for nothing."""
    return parsed.verdicts.holds(ValueCode.AMOUNT_EMPTY) | parsed.verdicts.holds(ValueCode.AMOUNT_PLACEHOLDER)
