"""Ids and texts built to mislead a reader, a program or a spreadsheet: they are kept as they stand."""

from __future__ import annotations

from collections.abc import Sequence

from tests.hostile.case import Case, Outcome, rows, texts

R, A, S = Outcome.REJECTED, Outcome.ACCEPTED, Outcome.STORED

_SHOWN = {
    "B69-decomposed": "Cafe\u0301",
    "B70-direction-override": "abc\u202egpj\u2066x\u200d",
    "B70-zalgo": "z" + "\u0300" * 10_000,
    "B71-script": "<script>alert(1)</script>",
    "B71-image": "<img src=x onerror=alert(1)>",
    "B72-markdown": "![x](http://evil.example/p.png) [a](javascript:alert(1))",
    "B72-latex-and-icons": "$5 for $6 :material/home: :red[x]",
    "B73-sql": "x'; DROP TABLE runs; -- % _ \\",
    "B74-formula": '=HYPERLINK("http://evil.example","x")',
    "B74-plus": "+1+1",
    "B74-at": "@SUM(A1)",
    "B74-fullwidth": "＝1+1",
    "B75-long": "x" * 60_000,
    "B76-emoji": "🧾\U0010ffff\ue000",
    "B77-log": "a\r\nERROR \x1b[31mroot",
    "B78-template": "{{7*7}} ${jndi:ldap://x} %s {0.__class__}",
    "B79-card-number": "paid with 4111 1111 1111 1111, DE89370400440532013000",
}


def cases() -> Sequence[Case]:
    """B66 to B79."""
    return (
        Case(name="B66-leading-zeros", data=rows("2026-01-05,1.00,USD,x,007").encode(), outcome=A, accepted=1),
        Case(
            name="B66-long-id", data=rows("2026-01-05,1.00,USD,x,12345678901234567890").encode(), outcome=A, accepted=1
        ),
        Case(
            name="B66-id-as-a-float",
            data=rows("2026-01-05,1.00,USD,x,1.23457E+15").encode(),
            outcome=R,
            code="ID_DAMAGED",
            lines=(2,),
            accepted=0,
        ),
        Case(name="B67-same-id-twice", data=rows(*["2026-01-05,1.00,USD,x,T1"] * 2).encode(), outcome=A, accepted=2),
        Case(
            name="B68-no-id",
            data=rows("2026-01-05,1.00,USD,x,", "2026-01-05,1.00,USD,x,  ").encode(),
            outcome=A,
            accepted=2,
        ),
        Case(
            name="B68-look-alike-ids",
            data=rows("2026-01-05,1.00,USD,x,A1", "2026-01-05,1.00,USD,x,А1").encode(),
            outcome=A,
            accepted=2,
        ),
        *(Case(name=name, data=texts(text), outcome=S, accepted=1, shown=text) for name, text in _SHOWN.items()),
        Case(name="B74-our-own-guard", data=texts("'=1+1"), outcome=S, accepted=1, shown="=1+1"),
        Case(
            name="B79-card-number-is-noticed",
            data=texts("paid with 4111-1111-1111-1111", "order 4111-1111-1111-1112"),
            outcome=A,
            accepted=2,
            code="CARD_NUMBERS",
        ),
        Case(
            name="B75-too-long",
            data=texts("x", "y" * 1_000_000),
            outcome=R,
            code="TEXT_TOO_LONG",
            lines=(3,),
            accepted=1,
        ),
        Case(name="B75-long-key", data=rows("2026-01-05,1.00,USD,x," + "k" * 6_000).encode(), outcome=A, accepted=1),
    )
