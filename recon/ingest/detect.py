"""What a file really is, by its bytes and never by its name, and the one file inside a gzip or zip.

Rule: archives are one level deep, hold one file, and are inflated under a byte count, because headers lie. A name that
promises another kind than the bytes are is refused: somebody renamed a file, and the reader should know.
"""

from __future__ import annotations

import io
import lzma
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Final

from recon.ingest.statements import statement_format_of
from recon.ingest.stop import Refused
from recon.ingest.utf16 import looks_utf16

MAX_FILE_BYTES: Final = 5 * 1024**3
MAX_INFLATED_BYTES: Final = 1024**3
MAX_CONTROL_SHARE: Final = 0.05
DAMAGED_ZIP: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
"""What zipfile raises for a file that is not the zip it claims to be."""
_CHUNK: Final = 1 << 20
_HEAD: Final = 1 << 16
_NOTHING: Final = b" \t\r\n\xef\xbb\xbf\xff\xfe\x00"
"""Blanks, and the bytes of byte-order marks."""


class Kind(StrEnum):
    """The kinds of file we read."""

    TEXT = "text"
    STATEMENT = "statement"
    XLSX = "xlsx"
    XLS = "xls"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The bytes to read, out of their gzip or zip; `packed` names the wrapping, if any."""

    kind: Kind
    data: bytes
    packed: str | None = None


_FOREIGN: Final = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"GIF8", "a GIF image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"SQLite format 3", "a database file"),
)
_HTML: Final = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|table|style|meta)\b", re.I | re.S)
_OTHER_TEXT: Final = (
    (re.compile(rb"\s*<(?:\?xml|!DOCTYPE|Document\b|OFX\b)", re.I), "an XML document"),
    (re.compile(rb"\s*OFXHEADER", re.I), "an OFX statement"),
    (re.compile(rb"\s*!(?:Type|Account|Option):", re.I), "a QIF file"),
    (re.compile(rb"\s*(?:\{\s*\"|\[\s*\{)"), "a JSON document"),
)
_PROMISED: Final = {
    ".csv": Kind.TEXT,
    ".tsv": Kind.TEXT,
    ".xlsx": Kind.XLSX,
    ".xlsm": Kind.XLSX,
    ".xls": Kind.XLS,
    ".parquet": Kind.PARQUET,
}
_CALLED: Final = {
    Kind.TEXT: "a text file",
    Kind.STATEMENT: "a bank statement",
    Kind.XLSX: "an Excel workbook (xlsx)",
    Kind.XLS: "an old Excel workbook (xls)",
    Kind.PARQUET: "a Parquet file",
}


def open_content(data: bytes, filename: str) -> Content:
    """The file's kind and bytes, unpacked; raises Refused for what is not a table of transactions."""
    if not (data[:_HEAD].strip(_NOTHING) or data.strip(_NOTHING)):
        raise Refused("FILE_EMPTY", "The file is empty: there is nothing to read in it.")
    suffixes = [suffix.lower() for suffix in PurePosixPath(filename).suffixes]
    packed = None
    if data.startswith(b"\x1f\x8b"):
        data, packed = _gunzip(data), "gzip"
    elif data.startswith(b"PK\x03\x04") and not _is_workbook(data):
        data, packed = _only_member(data), "zip"
    if packed:
        suffixes = [suffix for suffix in suffixes if suffix not in (".gz", ".gzip", ".zip")]
        if data.startswith((b"\x1f\x8b", b"PK\x05\x06")) or (data.startswith(b"PK\x03\x04") and not _is_workbook(data)):
            raise Refused("FILE_NESTED", "The archive holds another archive. Send the file itself.")
        if not data.strip():
            raise Refused("FILE_EMPTY", "The file inside the archive is empty.")
    kind = _kind(data)
    _keep_promise(kind, suffixes[-1] if suffixes else "")
    return Content(kind=kind, data=data, packed=packed)


def _kind(data: bytes) -> Kind:
    head = data[:_HEAD]
    if head.startswith(b"PK\x03\x04"):
        return Kind.XLSX
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Refused("FILE_ENCRYPTED", "The workbook is protected by a password. Save it without one.")
        return Kind.XLS
    if head.startswith(b"PAR1") and data.endswith(b"PAR1"):
        return Kind.PARQUET
    for magic, name in _FOREIGN:
        if head.startswith(magic) and (magic != b"MZ" or b"\x00" in head):
            raise Refused("FILE_KIND", f"This is really {name}. Send the export as CSV or Excel.")
    if _HTML.match(head):
        raise Refused("FILE_KIND", "This is really a web page (HTML). Open it in Excel and save it as CSV or xlsx.")
    if statement_format_of(head) is not None:
        return Kind.STATEMENT
    for start, name in _OTHER_TEXT:
        if start.match(head.removeprefix(b"\xef\xbb\xbf")):
            raise Refused("FILE_KIND", f"This is really {name}. Send the export as CSV or Excel.")
    _refuse_binary(head)
    return Kind.TEXT


def _refuse_binary(head: bytes) -> None:
    """Text has next to no control characters; UTF-16 without a mark is text too, and is asked about later."""
    if looks_utf16(head):
        return
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return
    controls = sum(head.count(byte) for byte in range(32) if byte not in b"\t\n\v\f\r\x1b\x1c\x1d\x1e\x1f")
    if controls > max(8, MAX_CONTROL_SHARE * len(head)):
        raise Refused("FILE_BINARY", "This is not text, Excel or Parquet. Send the export as CSV or Excel.")


def _keep_promise(kind: Kind, suffix: str) -> None:
    promised = _PROMISED.get(suffix)
    is_text = {promised, kind} == {Kind.TEXT, Kind.STATEMENT}
    if promised is not None and promised is not kind and not is_text:
        raise Refused(
            "FILE_KIND",
            f"The name ends in {suffix}, but this is really {_CALLED[kind]}. "
            "Give it the right ending, or export it again, and send it once more.",
        )


def _gunzip(data: bytes) -> bytes:
    inflater = zlib.decompressobj(wbits=31)
    try:
        inflated = inflater.decompress(data, MAX_INFLATED_BYTES)
    except zlib.error:
        raise Refused("FILE_DAMAGED", "The gzip file is damaged. Send it again.") from None
    if inflater.unconsumed_tail:
        raise Refused("FILE_TOO_LARGE", f"The gzip file holds more than {MAX_INFLATED_BYTES >> 20} MB.")
    if not inflater.eof:
        raise Refused("FILE_DAMAGED", "The gzip file is cut short. Send it again.")
    if inflater.unused_data.startswith(b"\x1f\x8b"):
        raise Refused("FILE_NESTED", "The gzip file holds several parts. Send one file.")
    return inflated


def _is_workbook(data: bytes) -> bool:
    return b"[Content_Types].xml" in data[:_HEAD] or b"xl/workbook.xml" in data[-_HEAD:]


def _only_member(data: bytes) -> bytes:
    """The bytes of a zip's one file; its name is never used as a path."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [info for info in archive.infolist() if not info.is_dir() and not _is_beside(info.filename)]
            if len(members) != 1:
                raise Refused("FILE_ARCHIVE", f"The zip holds {len(members)} files. Send one file at a time.")
            _check_member(members[0])
            return _inflate(archive, members[0])
    except DAMAGED_ZIP:
        raise Refused("FILE_DAMAGED", "The zip file is damaged or cut short. Send it again.") from None


def _is_beside(name: str) -> bool:
    """What a Mac packs beside every file: its own notes about it."""
    return name.startswith("__MACOSX/") or PurePosixPath(name).name == ".DS_Store"


def _check_member(member: zipfile.ZipInfo) -> None:
    parts = PurePosixPath(member.filename.replace("\\", "/")).parts
    is_link = (member.external_attr >> 16) & 0o170000 == 0o120000
    if is_link or ".." in parts or (parts and (parts[0] == "/" or parts[0].endswith(":"))):
        raise Refused("FILE_ARCHIVE", "The zip holds a link or a path that leads out of it. Send the file itself.")
    if member.flag_bits & 1:
        raise Refused("FILE_ENCRYPTED", "The zip is protected by a password. Send it without one.")


def _inflate(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    out = io.BytesIO()
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            if out.tell() + len(chunk) > MAX_INFLATED_BYTES:
                raise Refused("FILE_TOO_LARGE", f"The zip holds more than {MAX_INFLATED_BYTES >> 20} MB.")
            out.write(chunk)
    return out.getvalue()
