"""Candidates where one key is so popular that comparing everybody with everybody would never end.

Two rows of one payment nearly always share a rare word, or begin alike once their words are sorted (numbers first).
So both sides are sorted together twice - by normal form, and by normal form with its rarest word in front - and each
content is compared with the nearest few of the other side. Linear in the rows, whatever the key.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from recon.matching.arrays import Flags, Ints, run_starts, spans

_CROWD: Final = 1 << 20
_PER_ROW: Final = 256
_NEAREST: Final = 12


def is_crowd(source_count: Ints, reference_count: Ints) -> Flags:
    """Ranges against ranges too large to compare in full: over a million pairs, and over 256 for each content."""
    pairs = source_count * reference_count
    return (pairs > _CROWD) & (pairs > _PER_ROW * (source_count + reference_count))


def neighbours(source: NDArray[Any], reference: NDArray[Any]) -> tuple[Ints, Ints]:
    """Pairs of positions of two arrays of normal forms (str) worth comparing; each pair once."""
    word_count = Counter(word for forms in (source, reference) for form in forms for word in form.split())
    found = []
    for forms, others in (
        (source.tolist(), reference.tolist()),
        ([_rarest_first(form, word_count) for form in source], [_rarest_first(form, word_count) for form in reference]),
    ):
        found += [_nearest(forms, others), _nearest(others, forms)[::-1]]
    one, other = (np.concatenate(column) for column in zip(*found, strict=True))
    code = np.sort(one * len(reference) + other)
    code = code[run_starts(code)]
    return code // len(reference), code % len(reference)


def _rarest_first(form: str, word_count: Counter[str]) -> str:
    rarest = min(form.split(), key=lambda word: (word_count[word], word), default="")
    return f"{rarest} {form}"


def _nearest(forms: list[str], others: list[str]) -> tuple[Ints, Ints]:
    """For each form, the positions of the others just before and after it in sorted order."""
    order = np.array(sorted(range(len(others)), key=others.__getitem__))
    ordered = np.array(sorted(others), dtype=object)
    place = np.searchsorted(ordered, np.array(forms, dtype=object))
    begin = np.maximum(place - _NEAREST, 0)
    end = np.minimum(place + _NEAREST, len(others))
    return np.repeat(np.arange(len(forms)), end - begin), order[spans(begin, end - begin)]
