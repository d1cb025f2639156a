"""Statements of made-up movements in each format we read, written after the documented layouts.

The sample of `bench parse`, and what the tests read back: a movement is what every reader must find again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from xml.sax.saxutils import escape

from recon.money import exponent, to_text

ACCOUNT: Final = "DE02100100100006820101"
OPENING: Final = 1_000_000
"""Opening balance in minor units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One movement of an account: signed minor units, and texts of letters, digits and blanks."""

    date: date
    amount: int
    reference: str
    text: str


Writer = Callable[[Sequence[Movement], str], bytes]
"""(movements, currency) to the bytes of a statement; what the format does not say (QIF: a currency) is left out."""


def mt940(movements: Sequence[Movement], currency: str) -> bytes:
    """One SWIFT MT940 message."""
    lines = [":20:STARTUMS", f":25:{ACCOUNT}", ":28C:1/1", f":60F:{_swift_balance(OPENING, currency)}"]
    for each in movements:
        mark = "C" if each.amount >= 0 else "D"
        money = _comma(abs(each.amount), currency)
        lines.append(f":61:{each.date:%y%m%d}{each.date:%m%d}{mark}{money}NTRF{each.reference}//B{each.reference}")
        lines.append(f":86:{each.text}")
    lines.append(f":62F:{_swift_balance(OPENING + _sum(movements), currency)}")
    return ("\r\n".join([*lines, "-"]) + "\r\n").encode()


def camt053(movements: Sequence[Movement], currency: str) -> bytes:
    """One camt.053.001.02 statement."""
    entries = "".join(_camt_entry(each, currency) for each in movements)
    opening, closing = (
        _camt_balance(*each, currency) for each in (("OPBD", OPENING), ("CLBD", OPENING + _sum(movements)))
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">'
        "<BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-01-31T08:00:00</CreDtTm></GrpHdr><Stmt><Id>S1</Id>"
        "<CreDtTm>2026-01-31T08:00:00</CreDtTm>"
        f"<Acct><Id><IBAN>{ACCOUNT}</IBAN></Id><Ccy>{currency}</Ccy></Acct>{opening}{closing}{entries}"
        "</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def ofx(movements: Sequence[Movement], currency: str) -> bytes:
    """One OFX 1.02 bank statement."""
    entries = "".join(
        f"<STMTTRN>\n<TRNTYPE>OTHER\n<DTPOSTED>{each.date:%Y%m%d}\n<TRNAMT>{to_text(each.amount, currency)}\n"
        f"<FITID>B{each.reference}\n<REFNUM>{each.reference}\n<NAME>Name\n<MEMO>{escape(each.text)}\n</STMTTRN>\n"
        for each in movements
    )
    return (
        "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:USASCII\nCHARSET:1252\nCOMPRESSION:NONE\n"
        "OLDFILEUID:NONE\nNEWFILEUID:NONE\n\n<OFX>\n<SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS>"
        "<DTSERVER>20260131<LANGUAGE>ENG</SONRS></SIGNONMSGSRSV1>\n<BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0"
        f"<SEVERITY>INFO</STATUS><STMTRS><CURDEF>{currency}\n<BANKACCTFROM><BANKID>1<ACCTID>{ACCOUNT}<ACCTTYPE>CHECKING"
        f"</BANKACCTFROM>\n<BANKTRANLIST><DTSTART>20260101<DTEND>20260131\n{entries}</BANKTRANLIST>\n<LEDGERBAL><BALAMT>"
        f"{to_text(OPENING + _sum(movements), currency)}<DTASOF>20260131</LEDGERBAL></STMTRS></STMTTRNRS>"
        "</BANKMSGSRSV1>\n</OFX>\n"
    ).encode()


def bai2(movements: Sequence[Movement], currency: str) -> bytes:
    """One BAI2 file of one account; every detail carries the day of the file, as the format has no other."""
    closing = OPENING + _sum(movements)
    account = [f"03,{ACCOUNT},{currency},010,{OPENING},,,015,{closing},,/"]
    for each in movements:
        account.append(
            f"16,{165 if each.amount >= 0 else 475},{abs(each.amount)},,B{each.reference},{each.reference},{each.text}"
        )
    total = OPENING + closing + sum(abs(each.amount) for each in movements)
    day = movements[0].date if movements else date(2026, 1, 31)
    group = [f"02,ME,BANK,1,{day:%y%m%d},,{currency},2/", *account, f"49,{total},{len(account) + 1}/"]
    whole = [f"01,BANK,ME,{day:%y%m%d},0800,1,,,2/", *group, f"98,{total},1,{len(group) + 1}/"]
    return "\n".join([*whole, f"99,{total},1,{len(whole) + 1}/", ""]).encode()


def qif(movements: Sequence[Movement], currency: str) -> bytes:
    """One QIF list of a bank account, with its days first and its years in four digits."""
    records = "".join(
        f"D{each.date:%d.%m.%Y}\nT{to_text(each.amount, currency)}\nN{each.reference}\nPName\nM{each.text}\n^\n"
        for each in movements
    )
    return f"!Type:Bank\n{records}".encode()


WRITERS: Final[dict[str, Writer]] = {"mt940": mt940, "camt": camt053, "ofx": ofx, "bai2": bai2, "qif": qif}
"""By the name of the format that reads it."""


def _sum(movements: Sequence[Movement]) -> int:
    return sum(each.amount for each in movements)


def _comma(minor: int, currency: str) -> str:
    text = to_text(minor, currency).replace(".", ",")
    return text if exponent(currency) else f"{text},"


def _swift_balance(minor: int, currency: str) -> str:
    return f"{'C' if minor >= 0 else 'D'}260131{currency}{_comma(abs(minor), currency)}"


def _camt_balance(code: str, minor: int, currency: str) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_camt_money(minor, currency)}"
        "<Dt><Dt>2026-01-31</Dt></Dt></Bal>"
    )


def _camt_money(minor: int, currency: str) -> str:
    direction = "CRDT" if minor >= 0 else "DBIT"
    return f'<Amt Ccy="{currency}">{to_text(abs(minor), currency)}</Amt><CdtDbtInd>{direction}</CdtDbtInd>'


def _camt_entry(each: Movement, currency: str) -> str:
    return (
        f"<Ntry>{_camt_money(each.amount, currency)}<Sts>BOOK</Sts><BookgDt><Dt>{each.date}</Dt></BookgDt>"
        f"<ValDt><Dt>{each.date}</Dt></ValDt><AcctSvcrRef>B{each.reference}</AcctSvcrRef><BkTxCd><Prtry><Cd>NTRF</Cd>"
        f"</Prtry></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>{each.reference}</EndToEndId></Refs><RmtInf><Ustrd>"
        f"{escape(each.text)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )
