"""Which column means what: a person's word first, then the saved mapping, then the names, and a question where those
do not decide.

Two columns that could each be the amount are never chosen between: `Amount` and `Net` differ by the fee. Any role may
be answered by `<ROLE>_COLUMN`, whether it was asked about or not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from recon.ingest.aliases import Role, plain, ranks
from recon.ingest.answers import Answers
from recon.ingest.column_content import Agreement, ColumnContent
from recon.ingest.currencies import currency_in_header
from recon.ingest.grid import Grid
from recon.ingest.stop import Asked
from recon.model.reading import RAW_VALUE_LIMIT, Choice, Example, Question

_PAIR: Final = " and "
_EXAMPLES: Final = 3
_PAIRS_OFFERED: Final = 6
NO_COLUMN: Final = "none"
_MONEY: Final = (Role.AMOUNT, Role.DEBIT, Role.CREDIT)

_ASKED_ABOUT: Final = {
    Role.DATE: "Which column is the booking date?",
    Role.AMOUNT: "Which column is the amount that moved the balance?",
}


class FeeSign(StrEnum):
    """How a format writes what a payment cost."""

    COST = "cost"  # plus is a cost: net = gross - fee
    DEDUCTION = "deduction"  # minus is a cost: net = gross + fee


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """`names` in file order; `roles`: role -> position of its column.

    `is_signed`: the format says that amounts carry their own sign, whatever words stand beside them. `fee_sign`: how
    it writes fees, where it says so; `fee_parts`: positions of the columns that sum to the fee; `fee_is_apart`: the
    fee moved the balance too, on top of the amount.
    """

    names: tuple[str, ...]
    roles: Mapping[Role, int]
    is_signed: bool = False
    fee_sign: FeeSign | None = None
    fee_parts: tuple[int, ...] = ()
    fee_is_apart: bool = False

    def mapped(self) -> dict[str, str]:
        """Roles by column name, as a mapping keeps them."""
        return {role.value: self.names[position] for role, position in self.roles.items()}

    def name(self, role: Role) -> str | None:
        position = self.roles.get(role)
        return None if position is None else self.names[position]


def assign_roles(
    names: Sequence[str],
    grid: Grid,
    answers: Answers,
    saved: Mapping[str, str],
    *,
    currency: str | None = None,
    may_miss: bool = False,
    barred: Collection[Role] = (),
) -> Columns:
    """Roles of the columns; raises Asked with every column question that is open.

    `saved` names the columns of a mapping; one that the file does not have is asked about, unless it `may_miss`.
    `currency` is the one given for amounts that name none. No column is sought for a role that is `barred`.
    """
    finder = _Finder(names=tuple(names), grid=grid, answers=answers)
    finder.take_answers(answers.given)
    finder.keep(saved, may_miss=may_miss)
    finder.take_answers(answers.saved)
    finder.find_required(Role.DATE)
    finder.find_money()
    for role in Role:
        if role is not Role.DATE and role not in _MONEY and role not in barred:
            finder.find_optional(role)
    finder.find_unnamed_currency(currency)
    if finder.questions:
        raise Asked(*finder.questions)
    return Columns(names=finder.names, roles=finder.roles)


class _Finder:
    """Collects roles, and the questions of those that stay open, so that they are asked together."""

    def __init__(self, *, names: tuple[str, ...], grid: Grid, answers: Answers) -> None:
        self.names, self.grid, self.answers = names, grid, answers
        self.plain = [plain(name.split(" (column ")[0]) for name in names]
        self.content = ColumnContent(grid)
        self.roles: dict[Role, int] = {}
        self.asked_about: set[Role] = set()
        self.questions: list[Question] = []

    def take_answers(self, answered: Mapping[str, str]) -> None:
        """Roles a person named; a name the file does not have is left to be asked again."""
        open_roles = self.open_roles()
        for role in open_roles:
            value = answered.get(_code(role), "")
            if role is Role.AMOUNT and (pair := self.pair_named(value)):
                self.roles |= {Role.DEBIT: pair[0], Role.CREDIT: pair[1]}
            elif value in self.names:
                self.roles[role] = self.names.index(value)
            else:
                continue
            self.answers.use(_code(role), value)

    def open_roles(self) -> list[Role]:
        """Roles without a column. Money that is known is known whole: an amount beside a pair would be a third word."""
        has_money = not (self.roles.keys() | self.asked_about).isdisjoint(_MONEY)
        taken = self.roles.keys() | self.asked_about | (set(_MONEY) if has_money else set())
        return [role for role in Role if role not in taken]

    def keep(self, saved: Mapping[str, str], *, may_miss: bool) -> None:
        """Roles of the mapping, where no answer says otherwise."""
        for role in self.open_roles():
            name = saved.get(role.value)
            if name is None:
                continue
            if name in self.names:
                self.roles[role] = self.names.index(name)
            elif not may_miss:
                self.ask_missing(role, name)

    def ask_missing(self, role: Role, name: str) -> None:
        text = f"The mapping reads the {_word(role)} from {name}, which the file does not have. Which column is it?"
        self.asked_about.add(role)
        if (position := self.asked(role, list(range(len(self.names))), text)) is not None:
            self.roles[role] = position

    def candidates(self, role: Role) -> list[int]:
        """Columns of the best rank present whose cells do not rule the role out, by position."""
        known = ranks(role)
        named = [i for i, name in enumerate(self.plain) if name in known]
        ranked = [(known[self.plain[i]], i) for i in self.content.possible(role, named)]
        best = min(ranked, default=(0, 0))[0]
        return [i for rank, i in ranked if rank == best]

    def find_required(self, role: Role) -> None:
        if role in self.roles or role in self.asked_about:
            return
        found = self.candidates(role)
        if len(found) == 1 and _code(role) not in self.answers.given:
            self.roles[role] = found[0]
            return
        offered = found or self.content.possible(role, range(len(self.names)))
        if (position := self.asked(role, offered)) is not None:
            self.roles[role] = position

    def find_money(self) -> None:
        """One amount column, or a debit and a credit column; both at once are asked about unless they agree."""
        if not (self.roles.keys() | self.asked_about).isdisjoint(_MONEY):
            return
        amounts = self.candidates(Role.AMOUNT)
        debits, credits = self.candidates(Role.DEBIT), self.candidates(Role.CREDIT)
        pair = (debits[0], credits[0]) if len(debits) == 1 and len(credits) == 1 else None
        agreement = self.content.agreement(amounts[0], *pair) if pair and len(amounts) == 1 else Agreement.NONE
        if _code(Role.AMOUNT) in self.answers.given:  # and not one we can use, or the role were known
            self.ask_amount([*amounts, *([] if pair else debits + credits)], [pair] if pair else [])
        elif pair and (not amounts or agreement is Agreement.AMOUNT_IS_UNSIGNED):
            self.roles |= {Role.DEBIT: pair[0], Role.CREDIT: pair[1]}
        elif len(amounts) == 1 and (agreement is Agreement.AMOUNT_IS_SIGNED or not (debits or credits)):
            self.roles[Role.AMOUNT] = amounts[0]
        elif not amounts and len(debits) + len(credits) == 1:
            self.roles[Role.DEBIT if debits else Role.CREDIT] = (debits or credits)[0]
        else:
            self.ask_amount([*amounts, *([] if pair else debits + credits)], [pair] if pair else [])

    def ask_amount(self, singles: list[int], pairs: list[tuple[int, int]]) -> None:
        offered = singles or self.content.possible(Role.AMOUNT, range(len(self.names))) or list(range(len(self.names)))
        if not pairs and (not singles or len(singles) > 1):
            pairs = self.content.pairs(offered)[:_PAIRS_OFFERED]
        choices = [Choice(value=self.names[i], label=self.names[i]) for i in offered]
        choices += [self.pair_choice(*pair) for pair in pairs]
        shown = list(dict.fromkeys([*offered, *(i for pair in pairs for i in pair)]))
        answer = self.answer(_code(Role.AMOUNT), _ASKED_ABOUT[Role.AMOUNT], tuple(choices), shown)
        if answer is None:
            return
        if answer in self.names:
            self.roles[Role.AMOUNT] = self.names.index(answer)
        elif pair := self.pair_named(answer):
            self.roles |= {Role.DEBIT: pair[0], Role.CREDIT: pair[1]}

    def pair_choice(self, out: int, into: int) -> Choice:
        value = f"{self.names[out]}{_PAIR}{self.names[into]}"
        label = f"{value}, one of them filled in each row: {self.names[out]} is money out, {self.names[into]} money in"
        return Choice(value=value, label=label)

    def pair_named(self, answer: str) -> tuple[int, int] | None:
        """`A and B` as the positions of the debit and the credit column; names may hold an `and` themselves."""
        words = answer.split(_PAIR)
        for at in range(1, len(words)):
            out, into = _PAIR.join(words[:at]), _PAIR.join(words[at:])
            if out in self.names and into in self.names and out != into:
                return self.names.index(out), self.names.index(into)
        return None

    def find_optional(self, role: Role) -> None:
        if role in self.roles or role in self.asked_about:
            return
        taken = set(self.roles.values())
        found = [i for i in self.candidates(role) if i not in taken or self.may_share(role, i)]
        if self.answers.given.get(_code(role), NO_COLUMN) != NO_COLUMN:
            found = found or list(range(len(self.names)))
        elif len(found) == 1 or (found and self.are_equal(found)):
            self.roles[role] = found[0]
            return
        if found and (position := self.asked(role, found)) is not None:
            self.roles[role] = position

    def find_unnamed_currency(self, given: str | None) -> None:
        """A column of currency codes that no name calls so: taken for what it is not, every amount would be wrong."""
        if Role.CURRENCY in self.roles or any(question.code == _code(Role.CURRENCY) for question in self.questions):
            return
        money = [self.roles[role] for role in _MONEY if role in self.roles]
        if not money or any(currency_in_header(self.names[i]) for i in money):
            return
        taken = set(self.roles.values())
        found = {i: self.content.currencies(i) for i in range(len(self.names)) if i not in taken}
        offered = [i for i, codes in found.items() if codes and codes != {(given or "").strip().upper()}]
        if not offered:
            return
        text = "No column is called the currency, but this one holds currency codes. Is it the currency of the amounts?"
        none = Choice(value=NO_COLUMN, label="No: the file does not say which currency its amounts are in")
        choices = (*(Choice(value=self.names[i], label=self.names[i]) for i in offered), none)
        answer = self.answer(_code(Role.CURRENCY), text, choices, [*offered, *money])
        if answer is not None and answer != NO_COLUMN:
            self.roles[Role.CURRENCY] = self.names.index(answer)

    def may_share(self, role: Role, position: int) -> bool:
        """A reference is also the description where the file has no better one."""
        return role is Role.DESCRIPTION and self.roles.get(Role.PAYMENT_REF) == position

    def are_equal(self, positions: list[int]) -> bool:
        first = self.grid.column(positions[0])
        return all(self.grid.column(position).equals(first) for position in positions[1:])

    def asked(self, role: Role, positions: list[int], text: str | None = None) -> int | None:
        text = text or _ASKED_ABOUT.get(role, f"Several columns could be the {_word(role)}. Which one is it?")
        choices = tuple(Choice(value=self.names[i], label=self.names[i]) for i in positions)
        answer = self.answer(_code(role), text, choices, positions)
        return None if answer is None else self.names.index(answer)

    def answer(self, code: str, text: str, choices: tuple[Choice, ...], positions: list[int]) -> str | None:
        question = Question(
            code=code, text=text, column=None, choices=choices, examples=self.examples(positions), free_text=True
        )
        is_amount = code == _code(Role.AMOUNT)
        try:
            return self.answers.settle(
                question,
                accepts=lambda value: value in self.names or (is_amount and self.pair_named(value) is not None),
            )
        except Asked as asked:
            self.questions.extend(asked.questions)
            return None

    def examples(self, positions: list[int]) -> tuple[Example, ...]:
        columns = {self.names[i]: self.grid.column(i).slice(0, _EXAMPLES).to_pylist() for i in positions}
        lines = self.grid.lines[:_EXAMPLES].tolist()
        return tuple(
            Example(line=line, cells={name: cells[k][:RAW_VALUE_LIMIT] for name, cells in columns.items()})
            for k, line in enumerate(lines)
        )


def _code(role: Role) -> str:
    return f"{role.value.upper()}_COLUMN"


def _word(role: Role) -> str:
    return role.value.replace("_", " ")
