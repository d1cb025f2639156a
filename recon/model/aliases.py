"""Names that mean the same party, each alias one line of text: what stands for all of them first.

Kestrel Energy Ltd = KESTREL EN = Kestrel      a text that has one of the later names is read as if it had the first

A name is some words in a row. It is found in any case, with any signs between its words, and only as whole words; of
names that begin at one place the longest counts. What was found is not looked at again: one alias never feeds another.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

from recon.errors import RulesInvalid

MAX_ALIASES: Final = 1_000
MAX_NAME_LENGTH: Final = 80
_RULE: Final = "aliases"
_WORD: Final = re.compile(r"[^\W_]+")
_PARTS: Final = re.compile(r"([^\W_]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """Names of one party, at least two; the first is what the others are read as."""

    names: tuple[str, ...]

    @classmethod
    def parse(cls, text: object) -> Self:
        """The alias of a line such as `Kestrel Energy Ltd = KESTREL EN`. Raises RulesInvalid."""
        names = [" ".join(name.split()) for name in text.split("=")] if isinstance(text, str) else []
        if len(names) < 2 or any(not _is_name(name) for name in names):
            raise RulesInvalid(_RULE, f"{text!r} is not like Kestrel Energy Ltd = KESTREL EN.")
        return cls(names=tuple(names))

    def __str__(self) -> str:
        return " = ".join(self.names)


def aliases(given: object) -> tuple[Alias, ...]:
    """Lines of text -> aliases, by name. Raises RulesInvalid, also where a name stands in two places."""
    if not isinstance(given, list | tuple):
        raise RulesInvalid(_RULE, f"{given!r} is not a list of lines.")
    if len(given) > MAX_ALIASES:
        raise RulesInvalid(_RULE, f"there are {len(given):,}; at most {MAX_ALIASES:,} can be kept.")
    found = sorted((Alias.parse(line) for line in given), key=lambda one: [words(name) for name in one.names])
    seen: set[tuple[str, ...]] = set()
    for alias in found:
        for name in alias.names:
            if words(name) in seen:
                raise RulesInvalid(_RULE, f"{name} stands there twice.")
            seen.add(words(name))
    return tuple(found)


def spelled(text: str) -> tuple[str, ...]:
    """The words of a text, each of letters and digits, as they stand."""
    return tuple(_WORD.findall(text))


def words(text: str) -> tuple[str, ...]:
    """The same as names are compared by: in lower case."""
    return tuple(word.lower() for word in spelled(text))


class Reader:
    """Reads texts with each name as the first of its alias."""

    def __init__(self, of: Sequence[Alias]) -> None:
        known = [(words(name), alias.names[0]) for alias in of for name in alias.names]
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        for own, meant in sorted(known, key=lambda one: -len(one[0])):
            self._by_first[own[0]].append((own, meant))
        often = Counter(word for own, _ in known for word in own)
        self.telling = tuple(sorted({min(own, key=lambda word: (often[word], -len(word))) for own, _ in known}))
        """Of each name the word that fewest names have: a text with none of them has no name."""

    def read(self, text: str) -> str:
        """The text with every name as what it stands for."""
        parts = _PARTS.split(text)
        for begin, end, meant in self._named(parts):
            parts[begin:end] = [meant, *[""] * (end - begin - 1)]
        return "".join(parts)

    def found(self, text: str) -> tuple[tuple[str, str], ...]:
        """(name as it stands in the text, what it is read as), of names that are read as another."""
        parts = _PARTS.split(text)
        named = (("".join(parts[begin:end]), meant) for begin, end, meant in self._named(parts))
        return tuple((said, meant) for said, meant in named if words(said) != words(meant))

    def _named(self, parts: Sequence[str]) -> list[tuple[int, int, str]]:
        """Which parts (each second one is a word) are a name, from and up to, and what it is read as."""
        found = [word.lower() for word in parts[1::2]]
        named, done = [], 0
        for at, word in enumerate(found):
            if word in self._by_first and at >= done:
                for own, meant in self._by_first[word]:
                    if tuple(found[at : at + len(own)]) == own:
                        done = at + len(own)
                        named.append((2 * at + 1, 2 * done, meant))
                        break
        return named


@lru_cache(maxsize=16)
def reader(of: tuple[Alias, ...]) -> Reader:
    """What reads these aliases."""
    return Reader(of)


def _is_name(text: str) -> bool:
    is_plain = text.isprintable() and "|" not in text and len(text) <= MAX_NAME_LENGTH
    return is_plain and _WORD.search(text) is not None
