"""Deciding commands: what each rule refuses, in a sentence, and what is recorded when none does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.errors import TieoutError, UnknownCurrency
from recon.ledger import check, decide, posting_of, repeat, trial_balance
from recon.ledger.amounts import parse_amount
from recon.ledger.check import LINE_LIMIT
from recon.ledger.refusals import (
    AlreadyReversed,
    AmountTooLarge,
    AmountTooPrecise,
    AmountUnreadable,
    DateOutOfRange,
    EntryUnknown,
    KeyReused,
    LineCount,
    MetadataInvalid,
    SourceTxnTaken,
    TextInvalid,
)
from recon.model.ledger import (
    AccountBalance,
    AccountOpened,
    AccountState,
    AccountType,
    Book,
    EntryReversed,
    EntryState,
    LedgerEvent,
    Line,
    OpenAccount,
    PostEntry,
    ReverseEntry,
    Standing,
    Transfer,
    TransferPosted,
    WantedLine,
    body_of,
    fact_from,
    fingerprint,
)
from recon.money import MAX_MINOR, to_text

TODAY = date(2026, 3, 31)
ALICE, BOB, YEN, BANK, ABROAD = (UUID(int=n) for n in range(1, 6))
TRANSFER = Transfer(key="k", source_account_id=ALICE, destination_account_id=BOB, amount="10.00", currency="USD")


def state(id_: UUID, balance: int, **more: Any) -> AccountState:
    usual = {"book": Book.UAE, "currency": "USD", "type": AccountType.USER, "allows_overdraft": False}
    return AccountState(**{"id": id_, "balance": balance} | usual | more)


ACCOUNTS = {
    ALICE: state(ALICE, 10_00),
    BOB: state(BOB, 0),
    YEN: state(YEN, 0, currency="JPY"),
    BANK: state(BANK, -5_00, type=AccountType.LIABILITY),
    ABROAD: state(ABROAD, 0, book=Book.INDIA),
}
STANDING = Standing(accounts=ACCOUNTS)
ENTRY = EntryState(
    id=7,
    book=Book.UAE,
    lines=(Line(account_id=ALICE, amount=3_00, currency="USD"), Line(account_id=BANK, amount=-3_00, currency="USD")),
    reversed_by=None,
)


def post(*lines: tuple[UUID, str, str]) -> PostEntry:
    wanted = tuple(WantedLine(account_id=id_, amount=amount, currency=currency) for id_, amount, currency in lines)
    return PostEntry(key="k", book=Book.UAE, lines=wanted)


def test_a_transfer_takes_from_one_account_and_gives_to_the_other() -> None:
    fact = decide(TRANSFER, STANDING, today=TODAY)
    assert isinstance(fact, TransferPosted)
    assert (fact.booked_on, fact.source_system, fact.source_txn_id, fact.amount) == (TODAY, "tieout", "k", 10_00)
    posting = posting_of(fact)
    assert posting is not None
    assert [(line.account_id, line.amount) for line in posting.lines] == [(ALICE, -10_00), (BOB, 10_00)]


REFUSED = {
    "not a number": (replace(TRANSFER, amount="ten"), "'ten' is not an amount"),
    "nan": (replace(TRANSFER, amount="NaN"), "'NaN' is not an amount"),
    "negative": (replace(TRANSFER, amount="-1"), "The amount -1 is not positive"),
    "zero": (replace(TRANSFER, amount="0.00"), "The amount 0.00 is not positive"),
    "too precise": (replace(TRANSFER, amount="0.001"), "0.001 is finer than USD can hold. Give at most 2 decimals"),
    "decimals of yen": (
        Transfer(key="k", source_account_id=YEN, destination_account_id=YEN, amount="1.0", currency="JPY"),
        "Give no decimals",
    ),
    "no such currency": (replace(TRANSFER, currency="ABC"), "'ABC' is not an ISO 4217 currency"),
    "unknown account": (replace(TRANSFER, destination_account_id=UUID(int=99)), "no account 0.*63"),
    "other currency": (replace(TRANSFER, destination_account_id=YEN), "holds JPY, not USD"),
    "other book": (replace(TRANSFER, destination_account_id=ABROAD), "belongs to book india, not uae"),
    "one account": (replace(TRANSFER, destination_account_id=ALICE), "both source and destination"),
    "a cent too much": (replace(TRANSFER, amount="10.01"), r"has 10\.00 USD, which is 0\.01 USD too little"),
    "unbalanced": (post((ALICE, "-1.00", "USD"), (BOB, "0.99", "USD")), r"do not sum to zero: −0\.01 USD is left"),
    "balanced across currencies": (post((ALICE, "-1.00", "USD"), (YEN, "100", "JPY")), "The JPY lines do not sum"),
    "nothing moved": (post((ALICE, "0", "USD"), (BOB, "0", "USD")), "Line 1 moves nothing"),
    "a liability drawn past zero": (post((BANK, "5.01", "USD"), (ALICE, "-5.01", "USD")), "too little"),
    "no such entry": (ReverseEntry(key="k", entry_id=4), "no journal entry 4"),
}


@pytest.mark.parametrize(("command", "sentence"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_is_a_sentence(command: Any, sentence: str) -> None:
    with pytest.raises(TieoutError, match=sentence):
        decide(command, STANDING, today=TODAY)


def test_the_last_cent_may_go_and_either_sound_side_of_zero_counts() -> None:
    decide(post((BANK, "5.00", "USD"), (ALICE, "-5.00", "USD")), STANDING, today=TODAY)
    decide(post((BANK, "-900", "USD"), (BOB, "900", "USD")), STANDING, today=TODAY)


def test_an_account_that_may_be_overdrawn_is() -> None:
    overdrawn = Standing(accounts=ACCOUNTS | {ALICE: state(ALICE, 0, allows_overdraft=True)})
    assert isinstance(decide(TRANSFER, overdrawn, today=TODAY), TransferPosted)


def test_lines_of_one_account_count_together() -> None:
    decide(post((ALICE, "-10.01", "USD"), (ALICE, "0.01", "USD"), (BOB, "10", "USD")), STANDING, today=TODAY)


def test_a_source_transaction_that_is_taken_is_refused() -> None:
    with pytest.raises(SourceTxnTaken, match="as entry 3"):
        decide(TRANSFER, replace(STANDING, taken_by=3), today=TODAY)


def test_a_reversal_is_the_opposite() -> None:
    standing = replace(STANDING, entry=ENTRY)
    fact = decide(ReverseEntry(key="k", entry_id=7), standing, today=TODAY)
    assert isinstance(fact, EntryReversed)
    assert (fact.reverses_id, [line.amount for line in fact.lines]) == (7, [-3_00, 3_00])
    with pytest.raises(AlreadyReversed, match="Entry 7 is reversed already, by entry 9"):
        decide(ReverseEntry(key="k", entry_id=7), replace(standing, entry=replace(ENTRY, reversed_by=9)), today=TODAY)


OPEN = OpenAccount(key="k", book=Book.UAE, currency="USD", type=AccountType.USER)
UNFIT = {
    "empty key": (replace(TRANSFER, key=" "), TextInvalid),
    "NUL in a key": (replace(TRANSFER, key="a\x00"), TextInvalid),
    "long source": (replace(TRANSFER, source_txn_id="x" * 201), TextInvalid),
    "half a character": (replace(TRANSFER, source_system="\ud800"), TextInvalid),
    "metadata NaN": (replace(OPEN, metadata={"a": float("nan")}), MetadataInvalid),
    "metadata NUL": (replace(OPEN, metadata={"a": "\x00"}), MetadataInvalid),
    "metadata half a character": (replace(OPEN, metadata={"a": "\ud800"}), MetadataInvalid),
    "metadata no JSON": (replace(OPEN, metadata={"a": {1}}), MetadataInvalid),
    "metadata too large": (replace(OPEN, metadata={"a": "x" * 9_000}), MetadataInvalid),
    "one line": (post((ALICE, "1", "USD")), LineCount),
    "too many lines": (post(*[(ALICE, "1", "USD")] * (LINE_LIMIT + 1)), LineCount),
    "no number of an entry": (ReverseEntry(key="k", entry_id=2**63), EntryUnknown),
    "long ago": (replace(TRANSFER, booked_on=date(1899, 12, 31)), DateOutOfRange),
}


@pytest.mark.parametrize(("command", "refusal"), UNFIT.values(), ids=UNFIT)
def test_what_no_ledger_could_take_is_refused_before_one_is_asked(command: Any, refusal: type[TieoutError]) -> None:
    with pytest.raises(refusal):
        check(command)


def test_an_account_of_no_currency_is_not_opened() -> None:
    with pytest.raises(UnknownCurrency):
        decide(replace(OPEN, currency="usd"), Standing(), today=TODAY)


def test_the_same_command_is_told_from_another() -> None:
    assert fingerprint(TRANSFER) == fingerprint(replace(TRANSFER, key="other"))
    others = [replace(TRANSFER, amount="10"), replace(TRANSFER, metadata={"a": 1}), replace(TRANSFER, booked_on=TODAY)]
    assert len({fingerprint(command) for command in [TRANSFER, OPEN, *others]}) == 5
    event = LedgerEvent(
        id=1,
        at=datetime(2026, 1, 1, tzinfo=UTC),
        actor="ana",
        command_key="k",
        fingerprint=fingerprint(TRANSFER),
        fact=decide(TRANSFER, STANDING, today=TODAY),
    )
    assert repeat(event, fingerprint=fingerprint(TRANSFER)) is event
    with pytest.raises(KeyReused):
        repeat(event, fingerprint=fingerprint(OPEN))


@given(st.integers(min_value=-MAX_MINOR, max_value=MAX_MINOR), st.sampled_from(["USD", "JPY", "KWD"]))
def test_an_amount_that_was_written_is_read_back(amount: int, currency: str) -> None:
    assert parse_amount(to_text(amount, currency), currency) == amount


@pytest.mark.parametrize(
    "text", ["", "1e3", "+1", "1,000", " 1", "1 ", "1.", ".5", "--1", "Infinity", "١٢", "1_000", "1\n"]
)
def test_no_other_spelling_is_an_amount(text: str) -> None:
    with pytest.raises(AmountUnreadable):
        parse_amount(text, "USD")


def test_the_largest_amount_and_the_next() -> None:
    assert parse_amount(to_text(MAX_MINOR, "USD"), "USD") == MAX_MINOR
    for too_large in (to_text(MAX_MINOR + 1, "USD"), "9" * 5_000):
        with pytest.raises(AmountTooLarge):
            parse_amount(too_large, "USD")
    with pytest.raises(AmountTooPrecise):
        parse_amount("1." + "0" * 5_000, "USD")


def test_facts_come_back_from_json_as_they_were() -> None:
    facts = [
        decide(OPEN, Standing(), today=TODAY),
        decide(TRANSFER, STANDING, today=TODAY),
        decide(post((ALICE, "-1", "USD"), (BOB, "1", "USD")), STANDING, today=TODAY),
        decide(ReverseEntry(key="k", entry_id=7), replace(STANDING, entry=ENTRY), today=TODAY),
    ]
    assert [fact_from(type(fact).__name__, body_of(fact)) for fact in facts] == facts
    assert isinstance(facts[0], AccountOpened)
    assert posting_of(facts[0]) is None


def test_a_trial_balance_has_a_line_for_each_book_and_currency() -> None:
    def account(balance: int, book: Book, currency: str) -> AccountBalance:
        usual = {"id": ALICE, "type": AccountType.USER, "allows_overdraft": False, "metadata": {}}
        return AccountBalance(**usual, book=book, currency=currency, balance=balance)  # type: ignore[arg-type]

    lines = trial_balance(
        [
            account(5, Book.UAE, "USD"),
            account(-4, Book.UAE, "USD"),
            account(0, Book.UAE, "USD"),
            account(7, Book.UAE, "AED"),
            account(-7, Book.UAE, "AED"),
            account(1, Book.INDIA, "USD"),
        ]
    )
    assert [(x.book, x.currency, x.account_count, x.debit, x.credit, x.difference) for x in lines] == [
        ("india", "USD", 1, 1, 0, 1),
        ("uae", "AED", 2, 7, 7, 0),
        ("uae", "USD", 3, 5, 4, 1),
    ]
