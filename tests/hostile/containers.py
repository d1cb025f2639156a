"""Files that are not what they seem: empty, wrapped, damaged, renamed, encoded otherwise, built to explode."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import random
import struct
import zipfile
from collections.abc import Callable, Sequence

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from tests.hostile.case import HEADER, PLAIN, Case, Outcome, rows
from tests.hostile.old_excel import old_workbook

TABLE = (
    ("date", "amount", "currency", "description", "txn_id"),
    (dt.date(2026, 1, 5), 10, "USD", "one", "T1"),
    (dt.date(2026, 1, 6), 20.5, "USD", "two", "T2"),
)


def workbook(change: Callable[[openpyxl.Workbook, Worksheet], None] = lambda book, sheet: None) -> bytes:
    """An xlsx file with TABLE in its first sheet, and one change to it."""
    book = openpyxl.Workbook()
    for row in TABLE:
        book.active.append(row)
    change(book, book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The xlsx file with one part replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return out.getvalue()


def zipped(*members: tuple[str, bytes], link: bool = False) -> bytes:
    """A zip of these (name, content) pairs; with `link`, the first is a symbolic link."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            if link:
                info.create_system, info.external_attr = 3, 0o120777 << 16
            archive.writestr(info, content)
    return out.getvalue()


def broken_crc(data: bytes) -> bytes:
    """The zip with the checksum of every member changed in the central directory."""
    changed, at = bytearray(data), data.find(b"PK\x01\x02")
    while at >= 0:
        changed[at + 16] ^= 0xFF
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(changed)


def encrypted_workbook() -> bytes:
    """The outside of a password-protected workbook: an OLE2 file with an EncryptedPackage stream."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(480)


def _formula(book: openpyxl.Workbook, sheet: Worksheet) -> None:
    sheet["B3"] = "=B2*2"


def _error_cell(book: openpyxl.Workbook, sheet: Worksheet) -> None:
    sheet["B3"] = "#N/A"


def _far_cell(book: openpyxl.Workbook, sheet: Worksheet) -> None:
    sheet["XFD1048576"] = "far"


def _scattered(book: openpyxl.Workbook, sheet: Worksheet) -> None:
    sheet["XAA900000"] = "far"


def _cell_at(row: int, column: int) -> bytes:
    """The head of a number's record in an xls file."""
    return struct.pack("<HHHHH", 0x0203, 14, row, column, 0)


def _two_tables(book: openpyxl.Workbook, sheet: Worksheet) -> None:
    other = book.create_sheet("February")
    for row in TABLE:
        other.append(row)


def _hidden_row(book: openpyxl.Workbook, sheet: Worksheet) -> None:
    sheet.row_dimensions[2].hidden = True


def _hidden_sheet(book: openpyxl.Workbook, sheet: Worksheet) -> None:
    book.create_sheet("notes").append(["Prepared by", "someone"])
    book["notes"].sheet_state = "hidden"


def _blank_rows(book: openpyxl.Workbook, sheet: Worksheet) -> None:
    sheet.cell(row=5000, column=1, value=dt.date(2026, 1, 9))
    sheet.cell(row=5000, column=2, value=1)
    sheet.cell(row=5000, column=3, value="USD")


def _from_1904(book: openpyxl.Workbook, sheet: Worksheet) -> None:
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheet["A2"], sheet["A3"] = 44565, 44566
    sheet["A2"].number_format = sheet["A3"].number_format = "General"


def _serials(book: openpyxl.Workbook, sheet: Worksheet) -> None:
    sheet["A2"], sheet["A3"] = 46027, 46028
    sheet["A2"].number_format = sheet["A3"].number_format = "General"


def _long_id(book: openpyxl.Workbook, sheet: Worksheet) -> None:
    sheet["E3"] = 4814769000000123456


def _bomb() -> bytes:
    sheet = b"<worksheet>" + b" " * (60 * 1024**2) + b"</worksheet>"
    return with_part(workbook(), "xl/worksheets/sheet1.xml", sheet)


def _many_parts() -> bytes:
    out = io.BytesIO(workbook())
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(10_001):
            archive.writestr(f"xl/media/{number}", b"")
    return out.getvalue()


_ENTITY = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&b;</t></si></sst>"""
_EXTERNAL = _ENTITY.replace(b'"ha"', b'SYSTEM "file:///etc/hostname"')

_CSV = rows(*PLAIN).encode()
_NOISE = random.Random(7).randbytes(5000)
_SPREADSHEET_HEAD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

F, R, A, Q = Outcome.REFUSED, Outcome.REJECTED, Outcome.ACCEPTED, Outcome.ASKED


def _encoded() -> Sequence[Case]:
    cafe = rows("2026-01-05,10.00,EUR,Café – €,T1", "2026-01-06,20.00,EUR,Müller,T2")
    damaged = rows("2026-01-05,10.00,EUR,Café,T1", "2026-01-06,20.00,EUR,M\udcfcller,T2", *PLAIN[2:])
    mixed = rows("2026-01-05,10.00,EUR,Café – €,T1", "2026-01-06,20.00,EUR,M\udcfcller – ö,T2", *PLAIN[2:])
    ascii_but_one = rows(PLAIN[0], "2026-01-06,20.00,EUR,t\udce9l,T2", PLAIN[2])
    wide = cafe.encode("utf-16-le")
    return (
        Case(name="B04-utf8-mark", data=b"\xef\xbb\xbf" + cafe.encode(), outcome=A, accepted=2, shown="Café – €"),
        Case(name="B05-utf16-le-mark", data=b"\xff\xfe" + wide, outcome=A, accepted=2, shown="Café – €"),
        Case(name="B05-utf16-be-mark", data=b"\xfe\xff" + cafe.encode("utf-16-be"), outcome=A, accepted=2),
        Case(name="B05-utf32-mark", data=cafe.encode("utf-32"), outcome=A, accepted=2),
        Case(name="B06-utf16-without-mark", data=wide, outcome=Q, code="ENCODING"),
        Case(name="B06-answered", data=wide, outcome=A, accepted=2, answers={"ENCODING": "utf-16-le"}),
        Case(name="B07-cp1252", data=cafe.encode("cp1252"), outcome=Q, code="ENCODING"),
        Case(
            name="B07-answered",
            data=cafe.encode("cp1252"),
            outcome=A,
            accepted=2,
            shown="Café – €",
            answers={"ENCODING": "cp1252"},
        ),
        Case(
            name="B07-answer-that-is-no-encoding",
            data=cafe.encode("cp1252"),
            outcome=Q,
            code="ENCODING",
            answers={"ENCODING": "zip"},
        ),
        Case(
            name="B08-one-bad-byte",
            data=damaged.encode("utf-8", "surrogateescape"),
            outcome=R,
            code="ROW_BAD_UNICODE",
            lines=(3,),
            accepted=2,
        ),
        Case(
            name="B08-one-bad-byte-in-ascii",
            data=ascii_but_one.encode("utf-8", "surrogateescape"),
            outcome=R,
            code="ROW_BAD_UNICODE",
            lines=(3,),
            accepted=2,
        ),
        Case(
            name="B09-mixed-encodings",
            data=mixed.encode("utf-8", "surrogateescape"),
            outcome=R,
            code="ROW_BAD_UNICODE",
            lines=(3,),
            accepted=2,
        ),
        Case(
            name="B10-nul-in-a-cell",
            data=rows(PLAIN[0], "2026-01-06,20.00,USD,t\x00wo,T2", PLAIN[2]).encode(),
            outcome=R,
            code="ROW_NUL_BYTE",
            lines=(3,),
            accepted=2,
        ),
        Case(
            name="B11-lone-surrogate",
            data=rows(PLAIN[0], "2026-01-06,20.00,USD,\ud800,T2", PLAIN[2]).encode("utf-8", "surrogatepass"),
            outcome=R,
            code="ROW_BAD_UNICODE",
            lines=(3,),
            accepted=2,
        ),
        Case(
            name="B11-lone-surrogate-utf16",
            data=b"\xff\xfe" + rows(PLAIN[0], "2026-01-06,20.00,USD,\ud800,T2").encode("utf-16-le", "surrogatepass"),
            outcome=R,
            code="ROW_BAD_UNICODE",
            lines=(3,),
            accepted=1,
        ),
    )


def _wrapped() -> Sequence[Case]:
    packed = gzip.compress(_CSV, mtime=0)
    return (
        Case(name="B19-gzip", data=packed, filename="export.csv.gz", outcome=A, accepted=3),
        Case(
            name="B19-gzip-of-xlsx",
            data=gzip.compress(workbook(), mtime=0),
            filename="e.xlsx.gz",
            outcome=A,
            accepted=2,
        ),
        Case(name="B19-zip", data=zipped(("export.csv", _CSV)), filename="export.zip", outcome=A, accepted=3),
        Case(
            name="B19-zip-of-a-mac",
            data=zipped(("export.csv", _CSV), ("__MACOSX/._export.csv", b"\x00\x05")),
            filename="export.zip",
            outcome=A,
            accepted=3,
        ),
        Case(name="B19-gzip-cut-short", data=packed[:-12], filename="e.gz", outcome=F, code="FILE_DAMAGED"),
        Case(name="B19-gzip-in-gzip", data=gzip.compress(packed), filename="e.gz", outcome=F, code="FILE_NESTED"),
        Case(name="B19-gzip-of-two", data=packed + packed, filename="e.gz", outcome=F, code="FILE_NESTED"),
        Case(
            name="B19-zip-in-zip",
            data=zipped(("a.zip", zipped(("a.csv", _CSV)))),
            filename="e.zip",
            outcome=F,
            code="FILE_NESTED",
        ),
        Case(
            name="B19-two-members",
            data=zipped(("a.csv", _CSV), ("b.csv", _CSV)),
            filename="e.zip",
            outcome=F,
            code="FILE_ARCHIVE",
        ),
        Case(
            name="B19-traversal", data=zipped(("../../etc/x", _CSV)), filename="e.zip", outcome=F, code="FILE_ARCHIVE"
        ),
        Case(name="B19-absolute", data=zipped(("/etc/x", _CSV)), filename="e.zip", outcome=F, code="FILE_ARCHIVE"),
        Case(name="B19-drive", data=zipped(("C:\\x.csv", _CSV)), filename="e.zip", outcome=F, code="FILE_ARCHIVE"),
        Case(
            name="B19-symlink",
            data=zipped(("x.csv", b"/etc/passwd"), link=True),
            filename="e.zip",
            outcome=F,
            code="FILE_ARCHIVE",
        ),
    )


def _renamed() -> Sequence[Case]:
    html = b"<html><body><table><tr><td>date</td><td>amount</td></tr></table></body></html>"
    old = old_workbook([[str(cell) for cell in row] for row in TABLE])
    return (
        Case(name="B12-noise", data=_NOISE, outcome=F, code="FILE_BINARY"),
        Case(name="B12-pdf", data=b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + _NOISE, outcome=F, code="FILE_KIND"),
        Case(name="B12-png", data=b"\x89PNG\r\n\x1a\n" + _NOISE, outcome=F, code="FILE_KIND"),
        Case(name="B12-exe", data=b"MZ\x90\x00" + _NOISE, outcome=F, code="FILE_KIND"),
        Case(name="B13-xlsx-named-csv", data=workbook(), filename="e.csv", outcome=F, code="FILE_KIND"),
        Case(name="B13-csv-named-xlsx", data=_CSV, filename="e.xlsx", outcome=F, code="FILE_KIND"),
        Case(name="B13-csv-named-xls", data=_CSV, filename="e.xls", outcome=F, code="FILE_KIND"),
        Case(name="B13-html-named-xls", data=html, filename="e.xls", outcome=F, code="FILE_KIND"),
        Case(name="B13-xls-named-xlsx", data=old, filename="e.xlsx", outcome=F, code="FILE_KIND"),
        Case(name="B13-xls", data=old, filename="e.xls", outcome=A, accepted=2, amounts=(1000, 2050)),
        Case(name="B13-json-named-csv", data=b'[{"date": "2026-01-05", "amount": 1}]', outcome=F, code="FILE_KIND"),
        Case(name="B13-xml-named-csv", data=b'<?xml version="1.0"?><Document/>', outcome=F, code="FILE_KIND"),
        Case(name="B13-ofx-named-csv", data=b"OFXHEADER:100\nDATA:OFXSGML\n", outcome=F, code="FILE_DAMAGED"),
        Case(name="B13-any-other-ending", data=_CSV, filename="export.dat", outcome=A, accepted=3),
        Case(name="B24-hostile-name", data=_CSV, filename="../../<img src=x>\u202ecsv.exe", outcome=A, accepted=3),
    )


def _workbooks() -> Sequence[Case]:
    good = workbook()
    rel = "xl/sharedStrings.xml"
    return (
        Case(name="B14-truncated", data=good[: len(good) // 2], filename="e.xlsx", outcome=F, code="FILE_DAMAGED"),
        Case(name="B14-wrong-checksum", data=broken_crc(good), filename="e.xlsx", outcome=F, code="FILE_DAMAGED"),
        Case(name="B14-encrypted", data=encrypted_workbook(), filename="e.xlsx", outcome=F, code="FILE_ENCRYPTED"),
        Case(
            name="B14-xls-head-only",
            data=_SPREADSHEET_HEAD + bytes(600),
            filename="e.xls",
            outcome=F,
            code="FILE_DAMAGED",
        ),
        Case(
            name="B14-xls-claims-a-far-column",
            data=old_workbook([["date"], [1.0]]).replace(_cell_at(1, 0), _cell_at(1, 60_000)),
            filename="e.xls",
            outcome=F,
            code="FILE_DAMAGED",
        ),
        Case(
            name="B16-cells-scattered-over-the-sheet",
            data=workbook(_scattered),
            filename="e.xlsx",
            outcome=R,
            code="ROW_COLUMNS",
            lines=(900_000,),
            accepted=2,
        ),
        Case(name="B15-bomb", data=_bomb(), filename="e.xlsx", outcome=F, code="FILE_BOMB"),
        Case(name="B15-many-parts", data=_many_parts(), filename="e.xlsx", outcome=F, code="FILE_BOMB"),
        Case(
            name="B16-far-cell",
            data=workbook(_far_cell),
            filename="e.xlsx",
            outcome=R,
            code="ROW_COLUMNS",
            lines=(1048576,),
            accepted=2,
        ),
        Case(name="B16-blank-rows", data=workbook(_blank_rows), filename="e.xlsx", outcome=A, accepted=3, ignored=4996),
        Case(name="B16-two-tables", data=workbook(_two_tables), filename="e.xlsx", outcome=Q, code="SHEET"),
        Case(
            name="B16-sheet-chosen",
            data=workbook(_two_tables),
            filename="e.xlsx",
            outcome=A,
            accepted=2,
            code="OTHER_SHEETS",
            answers={"SHEET": "February"},
        ),
        Case(
            name="B16-hidden-row",
            data=workbook(_hidden_row),
            filename="e.xlsx",
            outcome=A,
            accepted=2,
            code="HIDDEN_ROWS",
        ),
        Case(
            name="B16-hidden-sheet",
            data=workbook(_hidden_sheet),
            filename="e.xlsx",
            outcome=A,
            accepted=2,
            code="OTHER_SHEETS",
        ),
        Case(
            name="B17-entities",
            data=with_part(good, rel, _ENTITY),
            filename="e.xlsx",
            outcome=F,
            code="FILE_XML_ENTITIES",
        ),
        Case(
            name="B17-external-entity",
            data=with_part(good, rel, _EXTERNAL),
            filename="e.xlsx",
            outcome=F,
            code="FILE_XML_ENTITIES",
        ),
        Case(
            name="B18-formula-without-value",
            data=workbook(_formula),
            filename="e.xlsx",
            outcome=R,
            code="CELL_NO_VALUE",
            lines=(3,),
            accepted=1,
        ),
        Case(
            name="B18-error-cell",
            data=workbook(_error_cell),
            filename="e.xlsx",
            outcome=R,
            code="CELL_NO_VALUE",
            lines=(3,),
            accepted=1,
        ),
        Case(name="B59-serial-dates", data=workbook(_serials), filename="e.xlsx", outcome=A, accepted=2),
        Case(name="B59-serial-dates-from-1904", data=workbook(_from_1904), filename="e.xlsx", outcome=A, accepted=2),
        Case(
            name="B66-id-rounded-by-excel",
            data=workbook(_long_id),
            filename="e.xlsx",
            outcome=R,
            code="ID_DAMAGED",
            lines=(3,),
            accepted=1,
        ),
    )


def cases() -> Sequence[Case]:
    """B01 to B24, and the cases of sheets."""
    long_line = "2026-01-06,20.00,USD," + "x" * (4 * 1024**2 + 1) + ",T2"
    return (
        Case(name="B01-empty", data=b"", outcome=F, code="FILE_EMPTY"),
        Case(name="B02-header-only", data=(HEADER + "\n").encode(), outcome=A, accepted=0, ignored=0),
        Case(name="B02-header-only-unended", data=HEADER.encode(), outcome=A, accepted=0, ignored=0),
        Case(name="B03-blank-lines", data=b"\n\r\n  \n\t\n", outcome=F, code="FILE_EMPTY"),
        Case(name="B03-only-a-mark", data=b"\xef\xbb\xbf", outcome=F, code="FILE_EMPTY"),
        Case(name="B03-only-a-wide-mark", data=b"\xff\xfe", outcome=F, code="FILE_EMPTY"),
        *_encoded(),
        *_renamed(),
        *_workbooks(),
        *_wrapped(),
        Case(
            name="B21-endless-line",
            data=rows(PLAIN[0], long_line, PLAIN[2]).encode(),
            outcome=R,
            code="ROW_TOO_LONG",
            lines=(3,),
            accepted=2,
        ),
        Case(
            name="B21-endless-header",
            data=("date,amount," + "," * 20_000 + "\n2026-01-05,1.00\n").encode(),
            outcome=F,
            code="FILE_TOO_WIDE",
        ),
        Case(name="B21-endless-line-alone", data=b"x" * (5 * 1024**2), outcome=F, code="FILE_LINE_TOO_LONG"),
    )
