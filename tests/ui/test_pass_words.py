"""Passes and steps in words of the people who use them: none is shown by the name the engine has for it."""

from __future__ import annotations

import re
from pathlib import Path

import recon
from recon.model.outcome import Pass
from recon.model.rules import ALL_PASSES, PassName
from recon.ui.pass_words import PASS_WORDS, STAGES, STEPS, passes_sentence, stage_words
from recon.ui.rules.passes import arranged, passes_text

TOLD = re.compile(r"\"([a-z]+|\{by\}): ([a-z ]+)\"")
"""A stage with its step, as the engine reports it."""


def told_steps() -> set[tuple[str, str]]:
    """Every (stage, step) the engine may report."""
    found = set()
    for path in (Path(recon.__file__).parent / "matching").rglob("*.py"):
        for stage, step in TOLD.findall(path.read_text(encoding="utf-8")):
            found |= {(name.value, step) for name in Pass} if stage == "{by}" else {(stage, step)}
    return found


def test_every_pass_has_its_words() -> None:
    assert set(PASS_WORDS) == set(ALL_PASSES)
    assert set(STAGES) >= {name.value for name in ALL_PASSES}


def test_every_step_the_engine_reports_has_its_words() -> None:
    told = told_steps()
    assert ("scored", "assign") in told
    assert {step for stage, step in told if step not in STEPS or stage not in STAGES} == set()


def test_a_step_is_told_after_its_stage() -> None:
    assert stage_words("scored: assign") == "Scoring near matches: choosing the best pairs"
    assert stage_words("scored") == "Scoring near matches"
    assert stage_words("dream: of sheep") == "Dream: of sheep"


def test_passes_in_their_usual_order_need_no_sentence() -> None:
    assert passes_sentence([name.value for name in ALL_PASSES]) == ""
    turned = passes_sentence(["exact", "identity"])
    assert turned.startswith("Tried in this order: same amount and date, then same reference. Left out: ")


def test_what_is_off_stands_where_it_usually_would() -> None:
    assert arranged((PassName.EXACT, PassName.SCORED))[0] is PassName.IDENTITY
    for off in ALL_PASSES:
        assert arranged(tuple(name for name in ALL_PASSES if name is not off)) == ALL_PASSES


def test_the_line_of_passes_shows_which_are_off() -> None:
    assert passes_text((PassName.EXACT,)).startswith(
        ":blue-badge[1 Same amount and date] :gray-badge[Same reference: off]"
    )
