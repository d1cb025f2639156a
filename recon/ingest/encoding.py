"""Bytes to text: byte-order mark, else strict UTF-8, else a question. No encoding is tried in silence.

Latin-1 accepts any bytes, so a fallback to it never fails and is often wrong. A file that is UTF-8 but for a few bytes
keeps its good lines: the lines that do not decode are marked, and become rejects.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from recon.ingest.answers import Answers
from recon.ingest.stop import Refused
from recon.ingest.utf16 import looks_utf16
from recon.model.reading import RAW_VALUE_LIMIT, Choice, Example, Question

KNOWN: Final = {
    "cp1252": "Western European (Windows)",
    "cp1250": "Central European (Windows)",
    "cp1251": "Cyrillic (Windows)",
    "cp1257": "Baltic (Windows)",
    "cp1253": "Greek (Windows)",
    "cp1254": "Turkish (Windows)",
    "cp1255": "Hebrew (Windows)",
    "cp1256": "Arabic (Windows)",
    "iso8859_15": "Western European (ISO 8859-15)",
    "iso8859_2": "Central European (ISO 8859-2)",
    "cp437": "DOS (IBM PC)",
    "mac_roman": "Western European (Mac)",
    "koi8_r": "Cyrillic (KOI8-R)",
    "gb18030": "Chinese (simplified)",
    "big5": "Chinese (traditional)",
    "shift_jis": "Japanese (Shift JIS)",
    "euc_jp": "Japanese (EUC)",
    "euc_kr": "Korean",
    "iso8859_1": "Western European (ISO 8859-1)",
    "utf-8": "Unicode (UTF-8): lines that do not decode are rejected",
    "utf-16-le": "Unicode (UTF-16, little endian)",
    "utf-16-be": "Unicode (UTF-16, big endian)",
}
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BROKEN: Final = re.compile("[\udc80-\udcff]+")
_NOT_ASCII: Final = re.compile("[^\x00-\x7f]+")
_OFFERED: Final = 6
_SHOWN: Final = 3
_SAMPLE: Final = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text file as UTF-8 bytes without a mark. `bad_lines`: physical line -> why it does not decode."""

    data: bytes
    encoding: str
    bad_lines: Mapping[int, str] = field(default_factory=dict)


def decode(data: bytes, answers: Answers) -> Text:
    """The file as text; raises Asked(ENCODING) when neither a mark nor UTF-8 decides."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding)
    answer = answers.get("ENCODING")
    if answer is None or answer not in KNOWN:
        if (wide := looks_utf16(data[:_SAMPLE])) is not None:
            return _decoded(data, answers.settle(_utf16_question(wide)))
        if is_utf8(data):
            return Text(data=data, encoding="utf-8")
        bad = _undecodable(data)
        if _is_utf8_with_damage(data):
            return _decoded(data, "utf-8")
        answer = answers.settle(_encoding_question(data, bad))
    return _decoded(data, answers.use("ENCODING", answer))


def ask_encoding(data: bytes, answers: Answers) -> Text:
    """The file in the encoding a person names, where damage to UTF-8 would hit the column names."""
    return _decoded(data, answers.settle(_encoding_question(data, _undecodable(data))))


def is_utf8(data: bytes) -> bool:
    """Whether all of `data` is UTF-8, checked without building a str of it."""
    if data.isascii():
        return True
    offsets = pa.array([0, len(data)], pa.int64()).buffers()[1]
    whole = pa.Array.from_buffers(pa.large_string(), 1, [None, offsets, pa.py_buffer(data)])
    try:
        whole.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _decoded(data: bytes, encoding: str) -> Text:
    if encoding == "utf-8":
        if is_utf8(data):
            return Text(data=data, encoding=encoding)
        bad = {
            line: f"Byte 0x{byte:02X} at offset {offset} is not UTF-8. Save the file as UTF-8, or answer ENCODING."
            for line, offset, byte in _undecodable(data)
        }
        return Text(data=data.decode("utf-8", "replace").encode(), encoding=encoding, bad_lines=bad)
    text = data.decode(encoding, "replace")
    if encoding.startswith(("utf-16", "utf-32")) and text.count("\ufffd") > 0.01 * len(text) + 8:
        raise Refused("FILE_ENCODING", f"The file starts like {encoding} text, but does not decode as it.")
    data = text.encode()
    bad_lines = {}
    if "\ufffd" in text:
        bad_lines = {
            number: f"A character of this line does not exist in {encoding}."
            for number, line in enumerate(data.splitlines(), start=1)
            if b"\xef\xbf\xbd" in line
        }
    return Text(data=data, encoding=encoding, bad_lines=bad_lines)


def _undecodable(data: bytes) -> list[tuple[int, int, int]]:
    """(line, byte offset, byte) of the first bad byte of every physical line that is not UTF-8."""
    found, offset = [], 0
    for number, line in enumerate(data.splitlines(keepends=True), start=1):
        if not line.isascii():
            try:
                line.decode()
            except UnicodeDecodeError as error:
                found.append((number, offset + error.start, line[error.start]))
        offset += len(line)
    return found


def _is_utf8_with_damage(data: bytes) -> bool:
    """UTF-8 elsewhere outweighs the damage, or the damage is in one place: too little to name another encoding."""
    text = data.decode("utf-8", "surrogateescape")
    runs = _BROKEN.findall(text)
    broken = sum(map(len, runs))
    proper = sum(map(len, _NOT_ASCII.findall(text))) - broken
    return len(runs) == 1 or proper >= broken


def _utf16_question(guess: str) -> Question:
    return Question(
        code="ENCODING",
        text="Every second byte of the file is empty: it looks like UTF-16 without a byte-order mark. Is it?",
        column=None,
        choices=tuple(
            Choice(value=name, label=KNOWN[name]) for name in sorted(("utf-16-le", "utf-16-be"), key=guess.__ne__)
        ),
    )


def _encoding_question(data: bytes, bad: list[tuple[int, int, int]]) -> Question:
    lines = data.splitlines()
    shown = [(number, lines[number - 1]) for number, _, _ in bad[:_SHOWN]]
    sample = b"\n".join(lines[number - 1] for number, _, _ in bad)[:_SAMPLE]
    candidates = [name for name in _ranked(sample) if _decodes(sample, name)][:_OFFERED]
    return Question(
        code="ENCODING",
        text="The file is not UTF-8. In which encoding do the lines below read as they should?",
        column=None,
        choices=tuple(Choice(value=name, label=KNOWN[name]) for name in candidates),
        examples=tuple(
            Example(line=number, cells={name: raw.decode(name, "replace")[:RAW_VALUE_LIMIT] for name in candidates})
            for number, raw in shown
        ),
        free_text=True,
    )


def _ranked(sample: bytes) -> list[str]:
    """Our encodings, the ones a detector finds likely first: an order to show them in, never a decision."""
    import charset_normalizer  # takes its time to load, for the few files that need it

    likely = [match.encoding for match in charset_normalizer.from_bytes(sample, steps=2, chunk_size=512)]
    ours = [name for name in KNOWN if not name.startswith("utf")]
    return sorted(ours, key=lambda name: (name != "cp1252", likely.index(name) if name in likely else len(likely)))


def _decodes(sample: bytes, encoding: str) -> bool:
    try:
        sample.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
