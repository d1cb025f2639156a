"""UTF-16 without a byte-order mark, by where its NUL bytes are."""

from __future__ import annotations


def looks_utf16(head: bytes) -> str | None:
    """`utf-16-le` or `utf-16-be` when nearly every second byte is NUL, else None."""
    even, odd = head[0::2], head[1::2]
    if len(head) < 8:
        return None
    if odd.count(0) > 0.7 * len(odd) and even.count(0) < 0.1 * len(even):
        return "utf-16-le"
    if even.count(0) > 0.7 * len(even) and odd.count(0) < 0.1 * len(odd):
        return "utf-16-be"
    return None
