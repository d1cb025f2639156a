"""Two names that mean the same party, learned from texts people matched.

Of `Payment Kestrel Energy Ltd 4711` and `payment KESTREL EN` the words of one that the other has not are `Energy Ltd`
and `EN`; words with a digit are numbers of a movement, and of several runs of words the one with most letters counts.
What stands beside them on both sides is part of the name when it is said of hardly anybody else: `Kestrel` is,
`payment` is not; and what is said of others too is cut off their ends. Both names must go with each other in nine of
ten pairs that have either, and the pairs must be more alike once they are read as one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from recon.errors import RulesInvalid
from recon.model.aliases import Alias, aliases, spelled, words
from recon.model.lessons import FEWEST_PAIRS, Lesson, LessonKind, TaughtPair
from recon.model.rules import Rules

Alike = Callable[[TaughtPair, tuple[Alias, ...]], int | None]
"""How alike the texts of a pair are, 0 to 100, with names read by these aliases."""

_SHARE: Final = Fraction(9, 10)
_ENOUGH: Final = 60
"""How alike texts are to be once their names are read as one: the rest of them is numbers and words of either bank. It
is what a crowd of rows with one amount and date is told apart by; a threshold is another lesson."""

_SHORTEST: Final = 3
"""Letters of a name; what is shorter says too little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Apart:
    """The words of a pair's two texts as they stand, in lower case, and which of either side the other has not."""

    pair: TaughtPair
    spelled: tuple[tuple[str, ...], tuple[str, ...]]
    words: tuple[tuple[str, ...], tuple[str, ...]]
    left: tuple[range, range]

    @classmethod
    def of(cls, pair: TaughtPair) -> _Apart:
        """Of one pair."""
        ours, theirs = spelled(pair.source_text or ""), spelled(pair.reference_text or "")
        one, other = words(pair.source_text or ""), words(pair.reference_text or "")
        left = (
            _longest(ours, [word not in other and word.isalpha() for word in one]),
            _longest(theirs, [word not in one and word.isalpha() for word in other]),
        )
        return cls(pair=pair, spelled=(ours, theirs), words=(one, other), left=left)

    @property
    def key(self) -> tuple[tuple[str, ...], ...]:
        """What either side has alone."""
        return tuple(tuple(own[left.start : left.stop]) for own, left in zip(self.words, self.left, strict=True))

    def names(self, own: Collection[str]) -> tuple[str, str]:
        """Both names: what is left, with the party's own words beside it, and without others at its ends."""
        one, other = (
            " ".join(said[part.start : part.stop])
            for said, part in zip(self.spelled, map(self._whole, (0, 1), (own, own)), strict=True)
        )
        return one, other

    def _whole(self, side: int, own: Collection[str]) -> range:
        said, left = self.words[side], self.left[side]
        if not left:
            return _longest(said, [word in own for word in said])
        begin, end = left.start, left.stop
        while begin and said[begin - 1] in own:
            begin -= 1
        while end < len(said) and said[end] in own:
            end += 1
        while begin < end and said[begin] not in own:
            begin += 1
        while begin < end and said[end - 1] not in own:
            end -= 1
        return range(begin, end)


def name_lessons(taught: Sequence[TaughtPair], unlike: Collection[int], rules: Rules, *, alike: Alike) -> list[Lesson]:
    """An alias for each two names that go together, of pairs whose texts are not alike enough under these rules.

    `unlike` are the decisions of those; the other pairs tell which words are said of many.
    """
    apart = [_Apart.of(pair) for pair in taught if pair.source_text and pair.reference_text]
    seen = Counter(word for one in apart for word in {*one.words[0], *one.words[1]})
    groups: dict[tuple[tuple[str, ...], ...], list[_Apart]] = defaultdict(list)
    for one in apart:
        if one.pair.decision_id in unlike and any(one.key):
            groups[one.key].append(one)
    named: dict[tuple[str, str], list[TaughtPair]] = defaultdict(list)
    for group in groups.values():
        said = Counter(word for one in group for word in {*one.words[0], *one.words[1]} if word.isalpha())
        own = {word for word, count in said.items() if Fraction(count, seen[word]) >= _SHARE}
        spellings = Counter(one.names(own) for one in group)
        best = max(sorted(spellings), key=lambda names: spellings[names])
        named[best] += [one.pair for one in group]
    return _lessons(named, rules, alike)


def _lessons(named: dict[tuple[str, str], list[TaughtPair]], rules: Rules, alike: Alike) -> list[Lesson]:
    often = Counter[tuple[int, tuple[str, ...]]]()
    for names, pairs in named.items():
        for side, name in enumerate(names):
            often[side, words(name)] += len(pairs)
    found = []
    for names, pairs in sorted(named.items()):
        of_count = max(often[side, words(name)] for side, name in enumerate(names))
        known = _with(rules.aliases, names)
        if known is None or Fraction(len(pairs), of_count) < _SHARE:
            continue
        asked = min(rules.description_threshold, _ENOUGH)
        enough = [pair for pair in pairs if (alike(pair, known) or 0) >= max(asked, (pair.similarity or 0) + 1)]
        if len(enough) >= FEWEST_PAIRS:
            found.append(_lesson(names, replace(rules, aliases=known), enough, of_count))
    return found


def _lesson(names: tuple[str, str], rules: Rules, pairs: Sequence[TaughtPair], of_count: int) -> Lesson:
    key = " = ".join(sorted(" ".join(words(name)) for name in names))
    return Lesson(
        kind=LessonKind.ALIAS, key=f"{LessonKind.ALIAS}: {key}", rules=rules, pairs=tuple(pairs), of_count=of_count
    )


def _with(known: tuple[Alias, ...], names: tuple[str, str]) -> tuple[Alias, ...] | None:
    """The aliases with these two names as one: the longer first, or added to the one that has one of them already.

    None where one is no name, they are one already, or stand in two that a person would have to put together.
    """
    if any(len(name) < _SHORTEST for name in names):
        return None
    meant = [one for one in known if any(words(name) in map(words, one.names) for name in names)]
    own = {words(name) for one in meant for name in one.names}
    added = [name for name in sorted(names, key=lambda one: (-len(one), one)) if words(name) not in own]
    if len(meant) > 1 or not added:
        return None
    joined = (*(meant[0].names if meant else ()), *added)
    try:
        return aliases([*(str(one) for one in known if one not in meant), " = ".join(joined)])
    except RulesInvalid:
        return None


def _longest(said: Sequence[str], is_chosen: Sequence[bool]) -> range:
    """The chosen words in a row that have most letters; the first of equals."""
    best, begin = range(0), 0
    for at in range(len(said) + 1):
        if at == len(said) or not is_chosen[at]:
            if sum(map(len, said[begin:at])) > sum(map(len, said[best.start : best.stop])):
                best = range(begin, at)
            begin = at + 1
    return best
