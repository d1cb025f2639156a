"""Delimited text that is broken, odd or unclear: delimiters, quotes, line ends, headers, widths, rows that are none."""

from __future__ import annotations

from collections.abc import Sequence

from tests.hostile.case import HEADER, PLAIN, Case, Outcome, rows

F, R, A, Q = Outcome.REFUSED, Outcome.REJECTED, Outcome.ACCEPTED, Outcome.ASKED

_THREE = rows(*PLAIN)
_HEADLESS = "\n".join(PLAIN) + "\n"


def _delimiters() -> Sequence[Case]:
    quoted = rows(
        '2026-01-05;"1,50";"a, b; c, d";T1', '2026-01-06;"2,50";"e, f; g, h";T2', header="date;amount;description;id"
    )
    return (
        Case(name="B25-semicolon", data=_THREE.replace(",", ";").encode(), outcome=A, accepted=3),
        Case(name="B25-tab", data=_THREE.replace(",", "\t").encode(), filename="e.tsv", outcome=A, accepted=3),
        Case(name="B25-bar", data=_THREE.replace(",", "|").encode(), outcome=A, accepted=3),
        Case(name="B25-caret", data=_THREE.replace(",", "^").encode(), outcome=A, accepted=3),
        Case(
            name="B25-delimiter-in-quoted-text",
            data=quoted.encode(),
            outcome=A,
            accepted=2,
            currency="EUR",
            shown="a, b; c, d",
            amounts=(150, 250),
        ),
        Case(name="B25-excel-declares-it", data=("sep=;\n" + _THREE.replace(",", ";")).encode(), outcome=A, accepted=3),
        Case(name="B25-one-column", data=b"amount\n10.00\n20.00\n", outcome=Q, code="DELIMITER"),
        Case(
            name="B25-answered",
            data=_THREE.replace(",", ":").encode(),
            outcome=A,
            accepted=3,
            answers={"DELIMITER": ":"},
        ),
    )


def _quotes() -> Sequence[Case]:
    first, _, third = PLAIN
    return (
        Case(
            name="B26-line-break-in-quotes",
            data=rows(first, '2026-01-06,20.00,USD,"a\nb",T2', third).encode(),
            outcome=A,
            accepted=3,
        ),
        Case(
            name="B26-lines-stay-physical",
            data=rows('2026-01-05,1.00,USD,"a\r\nb",T1', "x,2.00,USD,b,T2").encode(),
            outcome=R,
            code="DATE_NOT_A_DATE",
            lines=(4,),
            accepted=1,
        ),
        Case(
            name="B27-unclosed-quote",
            data=rows(first, '2026-01-06,20.00,USD,"two,T2', third).encode(),
            outcome=R,
            code="ROW_QUOTE",
            lines=(3,),
            accepted=2,
        ),
        Case(
            name="B27-unclosed-quote-before-quoted-rows",
            data=rows(first, '2026-01-06,20.00,USD,"two,T2', '2026-01-07,30.00,USD,"three",T3').encode(),
            outcome=R,
            code="ROW_QUOTE",
            lines=(3,),
            accepted=2,
        ),
        Case(
            name="B27-unclosed-quote-on-the-last-line",
            data=rows(*PLAIN, '"2026-01-08,40.00,USD,four,T4').encode(),
            outcome=R,
            code="ROW_QUOTE",
            lines=(5,),
            accepted=3,
        ),
        Case(
            name="B28-stray-quote",
            data=rows('2026-01-05,10.00,USD,5" disk,T1', *PLAIN[1:]).encode(),
            outcome=A,
            accepted=3,
            shown='5" disk',
        ),
        Case(
            name="B28-unescaped-quotes-inside",
            data=rows('2026-01-05,10.00,USD,"a "b" c",T1', *PLAIN[1:]).encode(),
            outcome=A,
            accepted=3,
            shown='a "b" c',
        ),
    )


def _line_ends() -> Sequence[Case]:
    first, second, third = PLAIN
    inside = "2026-01-05,10.00,USD,a\u2028b\x0bc\x0cd\x85e,T1"
    return (
        Case(name="B29-lone-cr", data=rows(*PLAIN, end="\r").encode(), outcome=A, accepted=3),
        Case(name="B29-crlf", data=rows(*PLAIN, end="\r\n").encode(), outcome=A, accepted=3),
        Case(
            name="B29-mixed",
            data=f"{HEADER}\r\n{first}\n{second}\r{third}\r\nx,1.00,USD,b,T9".encode(),
            outcome=R,
            code="DATE_NOT_A_DATE",
            lines=(5,),
            accepted=3,
        ),
        Case(
            name="B29-separators-inside",
            data=rows(inside, "x,1.00,USD,b,T9").encode(),
            outcome=R,
            code="DATE_NOT_A_DATE",
            lines=(3,),
            accepted=1,
            shown="a\u2028b\x0bc\x0cd\x85e",
        ),
    )


def _headers() -> Sequence[Case]:
    preamble = "Statement of account,,,,\nFrom,2026-01-01,to,2026-01-31,\n,,,,\nOwner,Example Ltd,,,\n"
    two = rows("USD units,major,,,", *PLAIN)
    duplicated = rows("2026-01-05,10.00,9.70,USD", header="date,Amount,Amount,currency")
    return (
        Case(name="B30-no-header", data=_HEADLESS.encode(), outcome=Q, code="HEADER"),
        Case(
            name="B30-no-header-asks-for-columns",
            data=_HEADLESS.encode(),
            outcome=Q,
            code="DATE_COLUMN",
            answers={"HEADER": "none"},
        ),
        Case(
            name="B30-no-header-answered",
            data=_HEADLESS.encode(),
            outcome=A,
            accepted=3,
            currency="USD",
            answers={"HEADER": "none", "DATE_COLUMN": "Column 1", "AMOUNT_COLUMN": "Column 2"},
        ),
        Case(
            name="B30-preamble",
            data=(preamble + _THREE + "x,1.00,USD,b,T9\n").encode(),
            outcome=R,
            code="DATE_NOT_A_DATE",
            lines=(9,),
            accepted=3,
        ),
        Case(name="B30-two-header-lines", data=two.encode(), outcome=Q, code="HEADER"),
        Case(name="B30-two-header-lines-answered", data=two.encode(), outcome=A, accepted=3, answers={"HEADER": "1"}),
        Case(name="B31-two-amounts", data=duplicated.encode(), outcome=Q, code="AMOUNT_COLUMN"),
        Case(
            name="B31-answered",
            data=duplicated.encode(),
            outcome=A,
            amounts=(970,),
            answers={"AMOUNT_COLUMN": "Amount (column 3)"},
        ),
        Case(
            name="B31-amount-and-net",
            data=rows("2026-01-05,10.00,9.70,USD", header="date,Amount,Net,currency").encode(),
            outcome=Q,
            code="AMOUNT_COLUMN",
        ),
        Case(
            name="B31-two-descriptions",
            data=rows("2026-01-05,10.00,USD,a,b", header="date,amount,currency,text,text").encode(),
            outcome=Q,
            code="DESCRIPTION_COLUMN",
        ),
        Case(
            name="B32-no-amount-column",
            data=rows("2026-01-05,USD,one", header="date,currency,description").encode(),
            outcome=Q,
            code="HEADER",
        ),
    )


def _widths() -> Sequence[Case]:
    short, long = "2026-01-06,20.00", "2026-01-07,30.00,USD,three,T3,extra"
    return (
        Case(
            name="B33-ragged",
            data=rows(PLAIN[0], short, long).encode(),
            outcome=R,
            code="ROW_COLUMNS",
            lines=(3, 4),
            accepted=1,
        ),
        Case(name="B33-delimiter-at-the-end", data=rows(*(f"{row}," for row in PLAIN)).encode(), outcome=A, accepted=3),
        Case(name="B33-header-with-one-more", data=rows(*PLAIN, header=HEADER + ",").encode(), outcome=A, accepted=3),
        Case(
            name="B33-cut-off-in-the-last-row",
            data=(_THREE + "2026-01-0").encode(),
            outcome=R,
            code="ROW_COLUMNS",
            lines=(5,),
            accepted=3,
        ),
    )


def _control_rows() -> Sequence[Case]:
    balances = ("2026-01-01,100.00,USD,Opening balance,", *PLAIN, "2026-01-31,160.00,USD,Closing balance,")
    off = (*balances[:-1], "2026-01-31,161.00,USD,Closing balance,")
    return (
        Case(
            name="B34-total",
            data=rows(*PLAIN, "Total,60.00,,,").encode(),
            outcome=A,
            accepted=3,
            ignored=1,
            code="CONTROL_TOTAL",
        ),
        Case(name="B34-total-differs", data=rows(*PLAIN, "Total,61.00,,,").encode(), outcome=Q, code="CONTROL_TOTAL"),
        Case(
            name="B34-total-accepted",
            data=rows(*PLAIN, "Total,61.00,,,").encode(),
            outcome=A,
            accepted=3,
            ignored=1,
            answers={"CONTROL_TOTAL": "accept"},
        ),
        Case(
            name="B34-row-count",
            data=(_THREE + "-- 3 rows --\n").encode(),
            outcome=A,
            accepted=3,
            ignored=1,
            code="CONTROL_TOTAL",
        ),
        Case(
            name="B34-row-count-differs", data=(_THREE + "-- 120 rows --\n").encode(), outcome=Q, code="CONTROL_TOTAL"
        ),
        Case(
            name="B34-balances", data=rows(*balances).encode(), outcome=A, accepted=3, ignored=2, code="CONTROL_TOTAL"
        ),
        Case(name="B34-balances-differ", data=rows(*off).encode(), outcome=Q, code="CONTROL_TOTAL"),
        Case(
            name="B34-repeated-header",
            data=rows(PLAIN[0], HEADER, *PLAIN[1:]).encode(),
            outcome=A,
            accepted=3,
            ignored=1,
        ),
        Case(
            name="B34-a-payee-called-total",
            data=rows("2026-01-05,10.00,USD,Total Energies,T1", *PLAIN[1:]).encode(),
            outcome=A,
            accepted=3,
            ignored=0,
        ),
        Case(
            name="B34-legal-text-below",
            data=(_THREE + "This statement was made by a machine.\n").encode(),
            outcome=A,
            accepted=3,
            ignored=1,
        ),
        Case(
            name="B34-pending-rows",
            data=rows(
                "2026-01-05,1.00,USD,PENDING", "2026-01-05,2.00,USD,Settled", header="date,amount,currency,status"
            ).encode(),
            outcome=A,
            accepted=1,
            ignored=1,
        ),
        Case(
            name="B35-comments-and-blank-lines",
            data=rows("# made by hand", PLAIN[0], "", "  ", ",,,,", *PLAIN[1:], "").encode(),
            outcome=A,
            accepted=3,
            ignored=5,
        ),
        Case(
            name="B35-an-order-number-is-no-comment",
            data=rows("#1001,2026-01-05,10.00,USD", header="order id,date,amount,currency").encode(),
            outcome=A,
            accepted=1,
        ),
    )


def _cells() -> Sequence[Case]:
    padded = "\u00a02026-01-05 ,\t10.00 , usd , 'one\u2009,'007"
    words = rows("2026-01-05,10.00,USD,N/A,NA", "2026-01-06,11.00,USD,null,None", "2026-01-07,12.00,USD,nan,-")
    return (
        Case(
            name="B36-blanks-and-guards",
            data=rows(padded).encode(),
            outcome=A,
            accepted=1,
            shown="one",
            amounts=(1000,),
        ),
        Case(name="B37-words-are-text", data=words.encode(), outcome=A, accepted=3, shown="N/A"),
        Case(
            name="B37-no-amount",
            data=rows(*(f"2026-01-05,{word},USD,x," for word in ("NA", "N/A", "null", "None", "nan"))).encode(),
            outcome=R,
            code="AMOUNT_NOT_A_NUMBER",
            lines=(2, 3, 4, 5, 6),
            accepted=0,
        ),
        Case(
            name="B37-no-date",
            data=rows("NA,1.00,USD,x,", "null,1.00,USD,x,").encode(),
            outcome=R,
            code="DATE_NOT_A_DATE",
            lines=(2, 3),
            accepted=0,
        ),
    )


def cases() -> Sequence[Case]:
    """B25 to B37."""
    return (
        *_delimiters(),
        *_quotes(),
        *_line_ends(),
        *_headers(),
        *_widths(),
        *_control_rows(),
        *_cells(),
    )
