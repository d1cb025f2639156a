"""A header that is not the one the mapping was made for: reading stops and shows what changed.

Reading on by name alone would be quiet and sometimes wrong: a bank that renames `Amount` to `Net amount` has changed
what the number means.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from recon.ingest.aliases import plain
from recon.ingest.answers import Answers
from recon.model.reading import Choice, Question

ACCEPTED: Final = "accept"


def check_header(names: Sequence[str], saved: Sequence[str], answers: Answers) -> None:
    """Raises Asked(HEADER_CHANGED) when `names` are not the saved ones, unless the change was accepted just now."""
    if not saved or tuple(names) == tuple(saved):
        return
    question = Question(
        code="HEADER_CHANGED",
        text=f"The columns are not those this feed was mapped for. {describe_change(names, saved)} "
        "Do the columns that stayed still mean the same?",
        column=None,
        choices=(
            Choice(value=ACCEPTED, label="Yes: read the columns that stayed as before, find the others by their names"),
        ),
    )
    answers.settle(question)
    del answers.used["HEADER_CHANGED"]


def likely_renames(names: Sequence[str], saved: Sequence[str]) -> dict[str, str]:
    """Saved name -> the new name that is likely the same column, each new name once: to propose, never to read by."""
    missing = [name for name in saved if name not in names]
    new = [name for name in names if name not in saved]
    renamed: dict[str, str] = {}
    for old in missing:
        match = _likely_same(old, [name for name in new if name not in renamed.values()])
        if match is not None:
            renamed[old] = match
    return renamed


def describe_change(names: Sequence[str], saved: Sequence[str]) -> str:
    """What is missing, new, renamed or moved, in sentences."""
    renamed = likely_renames(names, saved)
    missing = [name for name in saved if name not in names and name not in renamed]
    new = [name for name in names if name not in saved and name not in renamed.values()]
    said = []
    if missing:
        said.append(f"Missing: {', '.join(missing)}.")
    if new:
        said.append(f"New: {', '.join(new)}.")
    if renamed:
        said.append(f"Renamed: {', '.join(f'{old} is now {match}' for old, match in renamed.items())}.")
    return " ".join(said) or "They stand in another order."


def _likely_same(old: str, new: Sequence[str]) -> str | None:
    """The new name that is the old one written otherwise, if there is one: for the sentence, not for reading."""
    by_plain = {plain(name): name for name in new}
    close = get_close_matches(plain(old), by_plain, n=1, cutoff=0.6)
    return by_plain[close[0]] if close else None
