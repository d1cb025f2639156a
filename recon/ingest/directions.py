"""The words for money out and money in, and what to do with a word that is neither.

Words are taken from a closed list. A word that is not on it is asked about, for the whole file at once.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from recon.ingest.aliases import Role, plain
from recon.ingest.sign_reader import EXAMPLES, Minor, SignReader
from recon.model.reading import Choice

_OUT: Final = (
    "d dr db debit debits debet debito debe soll s af out o outgoing money out withdrawal payment sortie depense uit "
    "addebito uscita cargo kiadas terheles расход дебет sent"
)
_IN: Final = (
    "c cr k credit credits kredit credito haber haben h bij in i incoming deposit entree recette accredito entrata "
    "abono bevetel jovairas приход кредит received"
)
DIRECTIONS: Final = {
    **dict.fromkeys(_OUT.split(), -1),
    **dict.fromkeys(_IN.split(), 1),
    **dict.fromkeys(("money out", "paid out", "payment out"), -1),
    **dict.fromkeys(("money in", "paid in", "payment in"), 1),
}
"""Plain word -> the sign it gives; `S`/`H` are Soll/Haben, `K` is Kredit, `Af`/`Bij` out and in."""
_READABLE: Final = 20
_WAYS: Final = {"out": "money out", "in": "money in"}


def signs_of_words(reader: SignReader, column: int) -> Minor:
    """The sign the word of each row gives, 0 everywhere when the amounts' own signs count; raises Asked."""
    encoded = reader.money.grid.column(column).combine_chunks().dictionary_encode()
    words = encoded.dictionary.to_pylist()
    signs = [DIRECTIONS.get(plain(word), 0) for word in words]
    index = np.asarray(encoded.indices, dtype=np.int64)
    present = np.unique(index[reader.faults.is_good])
    unknown = sorted({words[i].strip() for i in present.tolist() if not signs[i]})
    if unknown:
        said = _ask_about_words(reader, unknown, column, index, words)
        if said is None:
            return np.zeros(len(index), np.int64)
        signs = [sign or said.get(word.strip(), 0) for word, sign in zip(words, signs, strict=True)]
    return np.array(signs, np.int64)[index]


def _ask_about_words(
    reader: SignReader, unknown: Sequence[str], column: int, index: Minor, words: Sequence[str]
) -> dict[str, int] | None:
    """The sign each unknown word gives; None when the amounts' own signs count instead.

    An answer names every word (`Refund=out|Sale=in`), so that it says nothing about a word of next month's file.
    """
    name = reader.name(column)
    choices = [_choice_of_words(dict(zip(unknown, ways, strict=True))) for ways in _offered_ways(len(unknown))]
    choices.append(Choice(value="signed", label=f"Nothing: the amounts carry their own signs, whatever {name} says"))
    rows = [int(np.flatnonzero(index == i)[0]) for i, word in enumerate(words) if word.strip() in unknown]
    said = ", ".join(_quoted(word) for word in unknown[:EXAMPLES])
    answer = reader.ask(
        f"The column {name} holds {said}, which is no word we know for money in or out. What does it mean?",
        name,
        choices,
        rows[:EXAMPLES],
        (column, reader.money.positions[Role.AMOUNT]),
        accepts=lambda value: _words_said(value).keys() >= set(unknown),
    )
    return None if answer == "signed" else _words_said(answer)


def _offered_ways(word_count: int) -> list[tuple[str, ...]]:
    """What may be said of so many words at once: everything of two, all alike of some, nothing of too many to read."""
    if word_count <= 2:
        return list(itertools.product(_WAYS, repeat=word_count))
    return [(way,) * word_count for way in _WAYS] if word_count <= _READABLE else []


def _quoted(word: str) -> str:
    return f"“{word}”" if word else "an empty cell"


def _choice_of_words(ways: Mapping[str, str]) -> Choice:
    label = ", ".join(f"{_quoted(word)} is {_WAYS[way]}" for word, way in ways.items())
    return Choice(value="|".join(f"{word}={way}" for word, way in ways.items()), label=label)


def _words_said(answer: str) -> dict[str, int]:
    """`A=out|B=in` as word -> sign; parts of another form are left out."""
    parts = (part.rpartition("=") for part in answer.split("|"))
    return {word: -1 if way == "out" else 1 for word, equals, way in parts if equals and way in _WAYS}
