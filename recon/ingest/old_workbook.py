"""An xls file looked at before it is read: whether its cells stand where an xls file can have cells.

The reader lays a sheet out from its first to its last cell, so one record that claims column 65,535 would take all
memory and end the process. Layout after Microsoft's [MS-CFB] (sectors and chains) and [MS-XLS] (records).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from recon.ingest.stop import Refused

MAX_ROWS: Final = 65_536
MAX_COLUMNS: Final = 256
_LAST_SECTOR: Final = 0xFFFFFFFA
_FIRST_FAT_SECTORS: Final = 109
_CELL_RECORDS: Final = frozenset((0x0006, 0x00BD, 0x00BE, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E))
_DIMENSIONS: Final = 0x0200
_ENCRYPTED: Final = 0x002F
_NAMES: Final = ("Workbook", "Book")


def check_old_workbook(data: bytes) -> None:
    """Raises Refused for an xls file that is protected, damaged, or has cells beyond its 256 columns."""
    try:
        stream = _Container(data).workbook()
    except (struct.error, IndexError, ValueError):
        stream = b""
    if not stream:
        raise _damaged()
    for kind, body in _records(stream):
        if kind == _ENCRYPTED:
            raise Refused("FILE_ENCRYPTED", "The workbook is protected by a password. Save it without one.")
        if (kind in _CELL_RECORDS and not _is_in_sheet(body)) or (kind == _DIMENSIONS and not _is_a_sheet(body)):
            raise _damaged()


def _is_in_sheet(cell: bytes) -> bool:
    return len(cell) >= 4 and int(struct.unpack_from("<H", cell, 2)[0]) < MAX_COLUMNS


def _is_a_sheet(dimensions: bytes) -> bool:
    """Whether the extent a sheet states (first and last row and column) is one a sheet can have."""
    if len(dimensions) < 12:
        return len(dimensions) >= 8  # before Excel 97, when 16 bits could not say too much
    first_row, last_row, first_column, last_column = struct.unpack_from("<IIHH", dimensions)
    return bool(first_row <= last_row <= MAX_ROWS and first_column <= last_column <= MAX_COLUMNS)


def _damaged() -> Refused:
    return Refused("FILE_DAMAGED", "The workbook is damaged. Open it in Excel and save it again.")


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """(kind, first bytes) of every record."""
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + min(length, 12)]
        at += 4 + length


class _Container:
    """The streams of an OLE2 file."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.sector_size = 1 << min(struct.unpack_from("<H", data, 30)[0], 16)
        self.directory_start, self.small_limit = struct.unpack_from("<I4xI", data, 48)
        counts = struct.unpack_from("<I16xI4xI", data, 44)
        if max(counts) * self.sector_size > len(data):
            raise ValueError("the header counts more sectors than the file has")
        self.small_fat_start = struct.unpack_from("<I", data, 60)[0]
        fat_sectors = self._fat_sectors()
        self.fat = self._numbers(b"".join(self._sector(sector) for sector in fat_sectors))

    def workbook(self) -> bytes:
        """The bytes of the stream that holds the records; empty when there is none."""
        directory = self._chain(self.directory_start)
        entries = [directory[at : at + 128] for at in range(0, len(directory) - 127, 128)]
        for entry in entries:
            length, start, size = struct.unpack_from("<H50xII", entry, 64)
            name = entry[: max(length - 2, 0)].decode("utf-16-le", "replace")
            if size > len(self.data):
                raise ValueError("a stream is longer than the file")
            if name in _NAMES:
                if size >= self.small_limit:
                    return self._chain(start)[:size]
                return self._small_chain(start, struct.unpack_from("<I", entries[0], 116)[0])[:size]
        return b""

    def _fat_sectors(self) -> list[int]:
        """Where the allocation table stands: the first 109 sectors in the header, the others in a chain of lists."""
        sectors = list(struct.unpack_from(f"<{_FIRST_FAT_SECTORS}I", self.data, 76))
        more, seen = struct.unpack_from("<I", self.data, 68)[0], 0
        while more < _LAST_SECTOR and seen * self.sector_size < len(self.data):
            *listed, more = self._numbers(self._sector(more))
            sectors += listed
            seen += 1
        return [sector for sector in sectors if sector < _LAST_SECTOR]

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self.sector_size
        return self.data[start : start + self.sector_size]

    def _chain(self, start: int) -> bytes:
        return b"".join(self._sector(sector) for sector in self._followed(start, self.fat))

    def _small_chain(self, start: int, container_start: int) -> bytes:
        """A stream under the size limit: 64-byte pieces of one stream that holds all of them."""
        container = self._chain(container_start)
        small_fat = self._numbers(self._chain(self.small_fat_start))
        return b"".join(container[piece * 64 : piece * 64 + 64] for piece in self._followed(start, small_fat))

    def _followed(self, start: int, fat: tuple[int, ...]) -> Iterator[int]:
        """The sectors of a chain; one that runs in a circle ends after as many sectors as there are."""
        sector = start
        for _ in range(len(fat)):
            if sector >= _LAST_SECTOR:
                return
            yield sector
            sector = fat[sector]

    @staticmethod
    def _numbers(data: bytes) -> tuple[int, ...]:
        return struct.unpack_from(f"<{len(data) // 4}I", data)
