"""Which column means what: roles from the names, the saved mapping first, and a question where names do not decide.

Two columns that could each be the amount are never chosen between: `Amount` and `Net` differ by the fee.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from recon.ingest.aliases import Role, plain, ranks
from recon.ingest.answers import Answers
from recon.ingest.grid import Grid
from recon.ingest.stop import Asked
from recon.model.reading import RAW_VALUE_LIMIT, Choice, Example, Question

_PAIR: Final = " and "
_EXAMPLES: Final = 3

_ASKED_ABOUT: Final = {
    Role.DATE: "Which column is the booking date?",
    Role.AMOUNT: "Which column is the amount that moved the balance?",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """`names` in file order; `roles`: role -> position of its column."""

    names: tuple[str, ...]
    roles: Mapping[Role, int]

    def mapped(self) -> dict[str, str]:
        """Roles by column name, as a mapping keeps them."""
        return {role.value: self.names[position] for role, position in self.roles.items()}

    def name(self, role: Role) -> str | None:
        position = self.roles.get(role)
        return None if position is None else self.names[position]


def assign_roles(names: Sequence[str], grid: Grid, answers: Answers, saved: Mapping[str, str]) -> Columns:
    """Roles of the columns; raises Asked with every column question that is open."""
    finder = _Finder(names=tuple(names), grid=grid, answers=answers)
    finder.keep(saved)
    finder.find_required(Role.DATE)
    finder.find_money()
    for role in Role:
        if role not in (Role.DATE, Role.AMOUNT, Role.DEBIT, Role.CREDIT):
            finder.find_optional(role)
    if finder.questions:
        raise Asked(*finder.questions)
    return Columns(names=finder.names, roles=finder.roles)


class _Finder:
    """Collects roles, and the questions of those that stay open, so that they are asked together."""

    def __init__(self, *, names: tuple[str, ...], grid: Grid, answers: Answers) -> None:
        self.names, self.grid, self.answers = names, grid, answers
        self.plain = [plain(name.split(" (column ")[0]) for name in names]
        self.roles: dict[Role, int] = {}
        self.questions: list[Question] = []

    def keep(self, saved: Mapping[str, str]) -> None:
        for role, name in saved.items():
            if role in tuple(Role) and name in self.names:
                self.roles[Role(role)] = self.names.index(name)

    def candidates(self, role: Role) -> list[int]:
        """Columns of the best rank present, by position."""
        known = ranks(role)
        ranked = [(known[name], i) for i, name in enumerate(self.plain) if name in known]
        best = min(ranked, default=(0, 0))[0]
        return [i for rank, i in ranked if rank == best]

    def find_required(self, role: Role) -> None:
        if role in self.roles:
            return
        found = self.candidates(role)
        if len(found) == 1:
            self.roles[role] = found[0]
        elif (position := self.asked(role, found or list(range(len(self.names))))) is not None:
            self.roles[role] = position

    def find_money(self) -> None:
        """One amount column, or a debit and a credit column; both at once are asked about."""
        if not self.roles.keys().isdisjoint((Role.AMOUNT, Role.DEBIT, Role.CREDIT)):
            return
        amounts = self.candidates(Role.AMOUNT)
        debits, credits = self.candidates(Role.DEBIT), self.candidates(Role.CREDIT)
        is_pair = len(debits) == 1 and len(credits) == 1
        if is_pair and not amounts:
            self.roles |= {Role.DEBIT: debits[0], Role.CREDIT: credits[0]}
        elif len(amounts) == 1 and not (debits or credits):
            self.roles[Role.AMOUNT] = amounts[0]
        elif not amounts and len(debits) + len(credits) == 1:
            self.roles[Role.DEBIT if debits else Role.CREDIT] = (debits or credits)[0]
        else:
            pair = (debits[0], credits[0]) if is_pair else None
            self.ask_amount([*amounts, *([] if is_pair else debits + credits)], pair)

    def ask_amount(self, singles: list[int], pair: tuple[int, int] | None) -> None:
        pair_name = _PAIR.join(self.names[i] for i in pair) if pair else None
        offered = singles or list(range(len(self.names)))
        choices = [Choice(value=self.names[i], label=self.names[i]) for i in offered]
        if pair_name:
            choices.append(Choice(value=pair_name, label=f"{pair_name}, one of them filled in each row"))
        answer = self.answer("AMOUNT_COLUMN", _ASKED_ABOUT[Role.AMOUNT], tuple(choices), [*offered, *(pair or ())])
        if answer is None:
            return
        if pair and answer == pair_name:
            self.roles |= {Role.DEBIT: pair[0], Role.CREDIT: pair[1]}
        else:
            self.roles[Role.AMOUNT] = self.names.index(answer)

    def find_optional(self, role: Role) -> None:
        if role in self.roles:
            return
        taken = set(self.roles.values())
        found = [i for i in self.candidates(role) if i not in taken or self.may_share(role, i)]
        if len(found) == 1 or (found and self.are_equal(found)):
            self.roles[role] = found[0]
        elif found and (position := self.asked(role, found)) is not None:
            self.roles[role] = position

    def may_share(self, role: Role, position: int) -> bool:
        """A reference is also the description where the file has no better one."""
        return role is Role.DESCRIPTION and self.roles.get(Role.PAYMENT_REF) == position

    def are_equal(self, positions: list[int]) -> bool:
        first = self.grid.column(positions[0])
        return all(self.grid.column(position).equals(first) for position in positions[1:])

    def asked(self, role: Role, positions: list[int]) -> int | None:
        text = _ASKED_ABOUT.get(role, f"Several columns could be the {role.value.replace('_', ' ')}. Which one is it?")
        choices = tuple(Choice(value=self.names[i], label=self.names[i]) for i in positions)
        answer = self.answer(f"{role.value.upper()}_COLUMN", text, choices, positions)
        return None if answer is None else self.names.index(answer)

    def answer(self, code: str, text: str, choices: tuple[Choice, ...], positions: list[int]) -> str | None:
        question = Question(
            code=code, text=text, column=None, choices=choices, examples=self.examples(positions), free_text=True
        )
        try:
            return self.answers.settle(question, accepts=self.names.__contains__)
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
