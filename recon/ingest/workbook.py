"""An xlsx file as a zip of XML, looked at before anything is unpacked for good: bombs, entities, damage, and what its
sheets hold that the quick reader does not show (formulas, errors, hidden rows, a lone cell far away).

Every part is inflated once under a byte count, because the sizes a zip declares may lie.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from openpyxl.utils import column_index_from_string

from recon.ingest.detect import DAMAGED_ZIP
from recon.ingest.grid import MAX_COLUMNS
from recon.ingest.stop import Refused

MAX_PARTS: Final = 10_000
MAX_TOTAL_BYTES: Final = 512 * 1024**2
MAX_RATIO: Final = 200
RATIO_FROM_BYTES: Final = 10 * 1024**2
MAX_DENSE_CELLS: Final = 4_000_000
MAX_COLUMN_LETTERS: Final = 3
_CHUNK: Final = 1 << 20

_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATIONS: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_SPECIAL: Final = (b"<f>", b"<f ", b"<f/", b":f>", b":f ", b' t="e"', b' hidden="1"', b' hidden="true"')
"""Formulas, error cells and hidden rows, in a sheet's XML."""
_WIDE_COLUMN: Final = re.compile(rb"\br=[\"']([A-Za-z]{2,})[0-9]")
_CELL_ROW: Final = re.compile(rb"\br=[\"'][A-Za-z]+([0-9]+)")
_FAR_ROW: Final = re.compile(rb"\br=[\"'][A-Za-z]+([0-9]{7,})")
_ROW: Final = re.compile(rb"row\b[^>]*?\br=[\"']([0-9]+)")
_NARROW: Final = 26
_SPREAD: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One worksheet: `part` is its name in the zip; `is_plain` when the quick reader shows all there is."""

    name: str
    part: str
    is_hidden: bool
    is_plain: bool


def inspect_workbook(data: bytes) -> list[Sheet]:
    """The worksheets of an xlsx file, in its order; raises Refused for what is damaged or built to do harm."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _guard(archive)
            return _sheets(archive)
    except DefusedXmlException:
        raise _entities() from None
    except (*DAMAGED_ZIP, KeyError, ParseError):
        raise Refused(
            "FILE_DAMAGED", "The workbook is damaged or cut short. Open it in Excel, save it, send it."
        ) from None


def _guard(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    too_large = Refused("FILE_BOMB", "The workbook unpacks to far more than a workbook of its size may.")
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_TOTAL_BYTES:
        raise too_large
    inflated = 0
    for part in parts:
        if part.flag_bits & 1:
            raise Refused("FILE_ENCRYPTED", "The workbook is protected by a password. Save it without one.")
        if part.file_size > RATIO_FROM_BYTES and part.file_size > MAX_RATIO * max(part.compress_size, 1):
            raise too_large
        with archive.open(part) as stream:
            is_first = True
            while chunk := stream.read(_CHUNK):
                inflated += len(chunk)
                if inflated > MAX_TOTAL_BYTES:
                    raise too_large
                if is_first and part.filename.endswith((".xml", ".rels")) and _declares_entities(chunk):
                    raise _entities()
                is_first = False


def _declares_entities(chunk: bytes) -> bool:
    wide = chunk[:4096].replace(b"\x00", b"")
    return b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk or b"<!DOCTYPE" in wide


def _entities() -> Refused:
    return Refused("FILE_XML_ENTITIES", "The workbook declares XML entities, which no export needs and attacks use.")


def _sheets(archive: zipfile.ZipFile) -> list[Sheet]:
    book = fromstring(archive.read("xl/workbook.xml"))
    targets = _targets(fromstring(archive.read("xl/_rels/workbook.xml.rels")))
    sheets = []
    for sheet in book.iter(f"{_MAIN}sheet"):
        part = targets.get(sheet.get(f"{_RELATIONS}id", ""))
        if part is not None and "worksheet" in part:
            xml = archive.read(part)
            is_hidden = sheet.get("state", "visible") != "visible"
            sheets.append(Sheet(name=sheet.get("name", ""), part=part, is_hidden=is_hidden, is_plain=_is_plain(xml)))
    return sheets


def _targets(relations: Element) -> dict[str, str]:
    """Relation id -> the part it leads to, as named in the zip."""
    found = {}
    for relation in relations:
        target = relation.get("Target", "")
        absolute = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
        found[relation.get("Id", "")] = posixpath.normpath(absolute)
    return found


def _is_plain(xml: bytes) -> bool:
    """Whether the sheet holds nothing special, and its cells are not scattered over more space than they fill."""
    if any(mark in xml for mark in _SPECIAL):
        return False
    wide = {name.upper() for name in _WIDE_COLUMN.findall(xml)}
    if any(len(name) > MAX_COLUMN_LETTERS for name in wide):
        return False
    columns = max((column_index_from_string(name.decode()) for name in wide), default=_NARROW)
    if columns > MAX_COLUMNS:
        return False
    rows = max(map(int, (_FAR_ROW if columns == _NARROW else _CELL_ROW).findall(xml)), default=1)
    rows = max([rows, *map(int, _ROW.findall(xml))])
    return rows * columns <= MAX_DENSE_CELLS + _SPREAD * (xml.count(b"<c ") + xml.count(b":c "))


def is_mac_dated(data: bytes) -> bool:
    """Whether the workbook counts its days from 1904 on."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        properties = fromstring(archive.read("xl/workbook.xml")).find(f"{_MAIN}workbookPr")
    return properties is not None and properties.get("date1904") in ("1", "true")
