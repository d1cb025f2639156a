"""An .xls file by hand (BIFF8 in an OLE2 container): no library writes one any more, and no binary goes into git.

Layout after Microsoft's [MS-CFB] and [MS-XLS]: one FAT sector, one directory sector, then the Workbook stream, padded
over 4,096 bytes so that it needs no mini stream.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def old_workbook(table: Sequence[Sequence[str | float]]) -> bytes:
    """An .xls file with one sheet of texts and numbers."""
    stream = _workbook_stream(table)
    stream += bytes(-len(stream) % _SECTOR)
    stream += bytes(max(0, 8 * _SECTOR - len(stream)))
    return _container(stream)


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _workbook_stream(table: Sequence[Sequence[str | float]]) -> bytes:
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6))
    code_page = _record(0x0042, struct.pack("<H", 1200))
    end = _record(0x000A)
    name = b"Sheet1"
    sheet_at = len(begin) + len(code_page) + 4 + 8 + len(name) + len(end)
    bound = _record(0x0085, struct.pack("<IHBB", sheet_at, 0, len(name), 0) + name)
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))
    width = max(map(len, table))
    sheet += _record(0x0200, struct.pack("<IIHHH", 0, len(table), 0, width, 0))
    for row, cells in enumerate(table):
        for column, cell in enumerate(cells):
            sheet += _cell(row, column, cell)
    return begin + code_page + bound + end + sheet + end


def _cell(row: int, column: int, cell: str | float) -> bytes:
    at = struct.pack("<HHH", row, column, 0)
    if isinstance(cell, str):
        return _record(0x0204, at + struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le"))
    return _record(0x0203, at + struct.pack("<d", cell))


def _container(stream: bytes) -> bytes:
    count = len(stream) // _SECTOR
    chain = [_FAT, _END, *range(3, count + 2), _END]
    fat = struct.pack(f"<{_SECTOR // 4}I", *chain, *[_FREE] * (_SECTOR // 4 - len(chain)))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<109I", 0, *[_FREE] * 108)
    directory = _entry("Root Entry", 5, _END, 0, child=1) + _entry("Workbook", 2, 2, len(stream), child=_FREE)
    directory += _entry("", 0, 0, 0, child=_FREE) * 2
    return header + fat + directory + stream


def _entry(name: str, kind: int, start: int, size: int, *, child: int) -> bytes:
    text = name.encode("utf-16-le")
    length = len(text) + 2 if name else 0
    entry = text.ljust(64, b"\0") + struct.pack("<HBBIII", length, kind, 1, _FREE, _FREE, child)
    return entry + bytes(16) + struct.pack("<IQQIQ", 0, 0, 0, start, size)
