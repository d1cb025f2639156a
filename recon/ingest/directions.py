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
    "d dr db dbit debit debits debet debito debe soll s af out o outgoing withdrawal sortie depense uit "
    "addebito uscita cargo kiadas terheles расход дебет sent"
)
_IN: Final = (
    "c cr k crdt credit credits kredit credito haber haben h bij in i incoming deposit entree recette accredito "
    "entrata abono bevetel jovairas приход кредит received"
)
DIRECTIONS: Final = {
    **dict.fromkeys(_OUT.split(), -1),
    **dict.fromkeys(_IN.split(), 1),
    **dict.fromkeys(("money out", "paid out", "payment out"), -1),
    **dict.fromkeys(("money in", "paid in", "payment in"), 1),
}
"""Plain word -> the sign it gives; `S`/`H` are Soll/Haben, `K` is Kredit, `Af`/`Bij` out and in."""
_SPEAK_OF_OUT: Final = (
    "debit debits debet withdrawal withdrawals payout payouts outgoing disbursement lastschrift belastung auszahlung "
    "abhebung abbuchung addebito prelievo retrait prelevement decaissement cargo retiro debito saque afschrijving "
    "opname obciazenie wyplata terheles uttag hevning расход списание снятие"
)
_OUT_WORDS: Final = frozenset(_SPEAK_OF_OUT.split())
_GIVEN_BACK: Final = frozenset(("refund", "refunds", "chargeback", "chargebacks", "reversal", "fee", "fees"))
"""What mostly is money out where the sender's words are all there is to go by: for an offer, never for a decision."""
_READABLE: Final = 20
_WAYS: Final = {"out": "money out", "in": "money in"}


def names_money_out(word: str) -> bool:
    """Whether a sender's word for a row speaks of money out (`POS debit`), so that a plus beside it is doubtful."""
    return not _OUT_WORDS.isdisjoint(plain(word).split())


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
    choices = [_choice_of_words(dict(zip(unknown, ways, strict=True))) for ways in _offered_ways(unknown)]
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


def _offered_ways(words: Sequence[str]) -> list[tuple[str, ...]]:
    """What may be said of these words at once: first what they seem to say, then all of two, or all alike."""
    if len(words) > _READABLE:
        return []
    out = [names_money_out(word) or not _GIVEN_BACK.isdisjoint(plain(word).split()) for word in words]
    told = tuple("out" if is_out else "in" for is_out in out)
    alike = [(way,) * len(words) for way in _WAYS]
    others = itertools.product(_WAYS, repeat=len(words)) if len(words) <= 2 else alike
    return list(dict.fromkeys([told, *others] if any(out) else others))


def _quoted(word: str) -> str:
    return f"“{word}”" if word else "an empty cell"


def _choice_of_words(ways: Mapping[str, str]) -> Choice:
    label = ", ".join(f"{_quoted(word)} is {_WAYS[way]}" for word, way in ways.items())
    return Choice(value="|".join(f"{word}={way}" for word, way in ways.items()), label=label)


def _words_said(answer: str) -> dict[str, int]:
    """`A=out|B=in` as word -> sign; parts of another form are left out."""
    parts = (part.rpartition("=") for part in answer.split("|"))
    return {word: -1 if way == "out" else 1 for word, equals, way in parts if equals and way in _WAYS}
