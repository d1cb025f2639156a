"""Amounts, currencies and dates nobody should write, and which an export nevertheless holds."""

from __future__ import annotations

from collections.abc import Sequence

from tests.hostile.case import PLAIN, Case, Outcome, amounts, dates, rows

F, R, A, Q = Outcome.REFUSED, Outcome.REJECTED, Outcome.ACCEPTED, Outcome.ASKED


def _pair(*lines: str) -> bytes:
    return rows(*lines, header="date,debit,credit,currency").encode()


def _directed(*lines: str) -> bytes:
    return rows(*lines, header="date,amount,D/C,currency").encode()


def _numbers() -> Sequence[Case]:
    signs = ("-5.00", "\u22125.00", "\u20105.00", "5.00-", "(5.00)")
    return (
        Case(name="B38-minus-in-many-forms", data=amounts(*signs), outcome=A, amounts=(-500,) * 5),
        Case(name="B38-cr-and-dr", data=amounts("5.00 CR", "5.00 DR"), outcome=A, amounts=(500, -500)),
        Case(
            name="B38-two-signs",
            data=amounts("1.00", "(-5.00)", "-5.00-", "(5.00) DR"),
            outcome=R,
            code="AMOUNT_DOUBLE_SIGN",
            lines=(3, 4, 5),
            accepted=1,
        ),
        Case(name="B39-point", data=amounts("1,234.56", "1,234"), outcome=A, amounts=(123456, 123400)),
        Case(name="B39-comma", data=amounts("1.234,56", "1.234"), outcome=A, amounts=(123456, 123400)),
        Case(name="B39-blank-groups", data=amounts("1 234,56", "1\u202f234,56"), outcome=A, amounts=(123456,) * 2),
        Case(name="B39-apostrophe-groups", data=amounts("1'234.56"), outcome=A, amounts=(123456,)),
        Case(name="B39-lakh", data=amounts("1,23,456.78", currency="INR"), outcome=A, amounts=(12345678,)),
        Case(
            name="B39-one-of-the-other-locale",
            data=amounts(*["1,234.56"] * 5, "1.234,56"),
            outcome=R,
            code="AMOUNT_OTHER_LOCALE",
            lines=(7,),
            accepted=5,
        ),
        Case(name="B39-fits-both", data=amounts("1,234", "5,678"), outcome=Q, code="DECIMAL_MARK"),
        Case(
            name="B39-answered",
            data=amounts("1,234", "5,678", currency="KWD"),
            outcome=A,
            amounts=(1234, 5678),
            answers={"DECIMAL_MARK": ","},
        ),
        Case(
            name="B41-exponent",
            data=amounts("1.00", "1e5", "1.2E+03"),
            outcome=R,
            code="AMOUNT_EXPONENT_FORM",
            lines=(3, 4),
            accepted=1,
        ),
        Case(
            name="B42-endless",
            data=amounts("1.00", "1e999999999", "9" * 2_000_000),
            outcome=R,
            lines=(3, 4),
            accepted=1,
        ),
        Case(
            name="B43-not-numbers",
            data=amounts("1.00", "NaN", "sNaN", "inf", "Infinity"),
            outcome=R,
            code="AMOUNT_NOT_A_NUMBER",
            lines=(3, 4, 5, 6),
            accepted=1,
        ),
        Case(name="B43-minus-zero", data=amounts("-0", "-0.00"), outcome=A, amounts=(0, 0)),
        Case(
            name="B44-foreign-digits",
            data=amounts("1.00", "1_000", "１２３", "١٢٣"),
            outcome=R,
            code="AMOUNT_NOT_A_NUMBER",
            lines=(3, 4, 5),
            accepted=1,
        ),
        Case(name="B45-many-digits", data=amounts("12345678901234567.89"), outcome=A, amounts=(1234567890123456789,)),
        Case(
            name="B45-too-many-digits",
            data=amounts("1.00", "1" * 39),
            outcome=R,
            code="AMOUNT_TOO_LARGE",
            lines=(3,),
            accepted=1,
        ),
        Case(
            name="B46-excess-decimals",
            data=amounts("1.00", "1.005", "1.500"),
            outcome=R,
            code="AMOUNT_PRECISION",
            lines=(3,),
            amounts=(100, 150),
        ),
        Case(
            name="B53-float-artefact",
            data=amounts("1.00", "0.30000000000000004", "3.3000000000000003"),
            outcome=R,
            code="AMOUNT_PRECISION",
            lines=(3, 4),
            accepted=1,
        ),
        Case(name="B54-zero", data=amounts("0.00", "0.00"), outcome=A, amounts=(0, 0)),
    )


def _currencies() -> Sequence[Case]:
    def named(*codes: str) -> bytes:
        return rows(*(f"2026-01-05,5,{code},x,T{i}" for i, code in enumerate(codes))).encode()

    def bare(*cells: str) -> bytes:
        return rows(*(f'2026-01-05,"{cell}",x' for cell in cells), header="date,amount,description").encode()

    return (
        Case(
            name="B40-text-names-it",
            data=bare("€12.00", "12.00 EUR", "USD -5.00", "US$5.00"),
            outcome=A,
            amounts=(1200, 1200, -500, 500),
        ),
        Case(name="B40-shared-symbol", data=bare("$5.00", "$6.00"), outcome=Q, code="CURRENCY"),
        Case(
            name="B40-shared-symbol-answered",
            data=bare("$5.00", "$6.00"),
            outcome=A,
            amounts=(500, 600),
            currency="CAD",
        ),
        Case(
            name="B40-symbol-against-column",
            data=rows(PLAIN[0], "2026-01-06,€5.00,USD,x,T2").encode(),
            outcome=R,
            code="CURRENCY_DISAGREES",
            lines=(3,),
            accepted=1,
        ),
        Case(name="B40-symbol-with-column", data=rows("2026-01-06,$5.00,CAD,x,T2").encode(), outcome=A, amounts=(500,)),
        Case(
            name="B47-exponents",
            data=named("JPY", "KRW", "CLP", "BHD", "KWD", "CLF", "USD"),
            outcome=A,
            amounts=(5, 5, 5, 5000, 5000, 50000, 500),
        ),
        Case(
            name="B47-no-halves-of-a-yen",
            data=amounts("1", "1.5", currency="JPY"),
            outcome=R,
            code="AMOUNT_PRECISION",
            lines=(3,),
            accepted=1,
        ),
        Case(
            name="B51-lower-case-and-old-names",
            data=named("usd", "RMB", "UKP"),
            outcome=A,
            accepted=3,
            code="CURRENCY_ALIAS",
        ),
        Case(
            name="B51-no-such-money",
            data=named("USD", "XXX", "XAU", "DEM", "QQQ", "BTC"),
            outcome=R,
            code="CURRENCY_UNKNOWN",
            lines=(3, 4, 5, 6, 7),
            accepted=1,
        ),
        Case(
            name="B51-missing-in-a-row", data=named("USD", ""), outcome=R, code="CURRENCY_EMPTY", lines=(3,), accepted=1
        ),
        Case(name="B51-missing", data=bare("5.00"), outcome=Q, code="CURRENCY"),
        Case(
            name="B51-in-the-header",
            data=rows("2026-01-05,5.00,x", header="date,amount_zar,memo").encode(),
            outcome=A,
            accepted=1,
            code="CURRENCY_FROM_HEADER",
        ),
    )


def _signs() -> Sequence[Case]:
    return (
        Case(
            name="B49-pair",
            data=_pair("2026-01-05,10.00,,USD", "2026-01-06,,5.00,USD"),
            outcome=A,
            amounts=(-1000, 500),
        ),
        Case(
            name="B49-both-filled",
            data=_pair("2026-01-05,10.00,,USD", "2026-01-06,1.00,5.00,USD"),
            outcome=R,
            code="ROW_DEBIT_AND_CREDIT",
            lines=(3,),
            accepted=1,
        ),
        Case(
            name="B49-both-empty",
            data=_pair("2026-01-05,10.00,,USD", "2026-01-06,,,USD"),
            outcome=R,
            code="AMOUNT_EMPTY",
            lines=(3,),
            accepted=1,
        ),
        Case(
            name="B49-negative-debit",
            data=_pair("2026-01-05,10.00,,USD", "2026-01-06,-5.00,,USD"),
            outcome=R,
            code="AMOUNT_NEGATIVE",
            lines=(3,),
            accepted=1,
        ),
        Case(
            name="B49-zero-beside-the-amount",
            data=_pair("2026-01-05,10.00,0.00,USD", "2026-01-06,0.00,5.00,USD"),
            outcome=A,
            amounts=(-1000, 500),
        ),
        Case(
            name="B49-debits-all-negative",
            data=_pair("2026-01-05,-10.00,,USD", "2026-01-06,-5.00,,USD"),
            outcome=A,
            amounts=(-1000, -500),
            code="DEBITS_NEGATIVE",
        ),
        Case(
            name="B50-words",
            data=_directed("2026-01-05,10.00,D,USD", "2026-01-06,5.00,C,USD"),
            outcome=A,
            amounts=(-1000, 500),
        ),
        Case(
            name="B50-unknown-word",
            data=_directed("2026-01-05,10.00,D,USD", "2026-01-06,5.00,Zz,USD"),
            outcome=Q,
            code="SIGN_MODEL",
        ),
        Case(
            name="B50-unknown-word-answered",
            data=_directed("2026-01-05,10.00,D,USD", "2026-01-06,5.00,Zz,USD"),
            outcome=A,
            amounts=(-1000, 500),
            answers={"SIGN_MODEL": "Zz=in"},
        ),
        Case(
            name="B50-sign-against-word",
            data=_directed("2026-01-05,-10.00,D,USD", "2026-01-06,5.00,D,USD"),
            outcome=Q,
            code="SIGN_MODEL",
        ),
        Case(
            name="B50-positive-refunds",
            data=rows(
                "2026-01-05,10.00,USD,charge", "2026-01-06,5.00,USD,refund", header="date,amount,currency,type"
            ).encode(),
            outcome=Q,
            code="SIGN_MODEL",
        ),
        Case(
            name="B50-only-a-debit-column",
            data=rows("2026-01-05,10.00,USD", header="date,debit,currency").encode(),
            outcome=Q,
            code="SIGN_MODEL",
        ),
        Case(
            name="B52-fx-row",
            data=rows("2026-01-05,10.00,EUR,12.00,1.1", header="date,amount,currency,settled,rate").encode(),
            outcome=A,
            amounts=(1000,),
        ),
    )


def _days() -> Sequence[Case]:
    return (
        Case(name="B55-ambiguous", data=dates("03/04/2026", "05/06/2026"), outcome=Q, code="DAY_MONTH_ORDER"),
        Case(name="B55-answered", data=dates("03/04/2026"), outcome=A, accepted=1, answers={"DAY_MONTH_ORDER": "DMY"}),
        Case(name="B55-one-day-over-12", data=dates("03/04/2026", "25/06/2026"), outcome=A, accepted=2),
        Case(
            name="B56-one-of-the-other-order",
            data=dates(*["25/06/2026"] * 5, "06/25/2026"),
            outcome=R,
            code="DATE_OTHER_ORDER",
            lines=(7,),
            accepted=5,
        ),
        Case(
            name="B57-no-such-day",
            data=dates("2026-01-05", "2026-02-30", "0000-00-00", "2026-13-01"),
            outcome=R,
            code="DATE_IMPOSSIBLE",
            lines=(3, 4, 5),
            accepted=1,
        ),
        Case(
            name="B57-out-of-range",
            data=dates("2026-01-05", "9999-12-31", "0001-01-01", "1989-12-31"),
            outcome=R,
            code="DATE_OUT_OF_RANGE",
            lines=(3, 4, 5),
            accepted=1,
        ),
        Case(
            name="B57-five-digit-year",
            data=dates("2026-01-05", "10000-01-01"),
            outcome=R,
            code="DATE_NOT_A_DATE",
            lines=(3,),
            accepted=1,
        ),
        Case(
            name="B58-two-digit-year",
            data=dates("25/06/2026", "25/06/2026", "25/06/26"),
            outcome=R,
            code="DATE_TWO_DIGIT_YEAR",
            lines=(4,),
            accepted=2,
        ),
        Case(name="B58-two-digit-years", data=dates("25/06/26", "26/06/26"), outcome=Q, code="TWO_DIGIT_YEAR"),
        Case(
            name="B59-serial-in-text",
            data=dates("2026-01-05", "46027"),
            outcome=R,
            code="DATE_NOT_A_DATE",
            lines=(3,),
            accepted=1,
        ),
        Case(
            name="B60-epoch",
            data=dates("2026-01-05", "1767571200", "1767571200000"),
            outcome=R,
            code="DATE_NOT_A_DATE",
            lines=(3, 4),
            accepted=1,
        ),
        Case(
            name="B61-zones",
            data=dates("2026-01-05T10:00:00Z", "2026-01-05T10:00:00+05:30", "2026-01-05T10:00:00"),
            outcome=A,
            accepted=3,
        ),
        Case(name="B61-24-00", data=dates("2026-01-05T24:00:00Z"), outcome=A, accepted=1, code="TIME_24"),
        Case(
            name="B61-second-60",
            data=dates("2026-01-05T10:00:00Z", "2026-01-05T23:59:60Z"),
            outcome=R,
            code="TIME_IMPOSSIBLE",
            lines=(3,),
            accepted=1,
        ),
        Case(
            name="B63-words-that-are-no-dates",
            data=dates("2026-01-05", "مارس", "Mon", "10", "May"),
            outcome=R,
            code="DATE_NOT_A_DATE",
            lines=(3, 4, 5, 6),
            accepted=1,
        ),
        Case(
            name="B63-month-names",
            data=dates("5 Sept 2025", "12-Dec-2025", "3 de marzo de 2026"),
            outcome=A,
            accepted=3,
        ),
        Case(
            name="B64-two-dates",
            data=rows("2026-01-03,2026-01-05,1.00,USD", header="booking date,value date,amount,currency").encode(),
            outcome=A,
            accepted=1,
        ),
        Case(name="B65-tomorrow", data=dates("2027-01-05"), outcome=A, accepted=1, code="DATED_AHEAD"),
    )


def cases() -> Sequence[Case]:
    """B38 to B65."""
    return (*_numbers(), *_currencies(), *_signs(), *_days())
