"""What an export format declares: by which columns it is known, and what they mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """`claims(names)` says whether a header is this format's; `roles(names)` gives role -> column name.

    Roles it leaves out are found by the names columns usually go by.
    """

    name: str
    claims: Callable[[Sequence[str]], bool]
    roles: Callable[[Sequence[str]], Mapping[str, str]]
