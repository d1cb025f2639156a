"""How the classes of a variance look: what a person says lies behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from recon.model.checks import VarianceClass
from recon.ui.format import Look

NOT_SAID: Final = "none"
"""Stands for a variance nobody has classified yet, in filters and in the URL."""

CLASSES: Final[Mapping[str, Look]] = {
    NOT_SAID: Look(label="Not classified", color="gray", icon=":material/help:", slot=4),
    VarianceClass.DATA_ISSUE: Look(label="Data issue", color="red", icon=":material/database:", slot=5),
    VarianceClass.CODE_ISSUE: Look(label="Code issue", color="violet", icon=":material/code:", slot=3),
    VarianceClass.TIMING: Look(label="Timing", color="blue", icon=":material/schedule:", slot=0),
}

ADVICE: Final[Mapping[VarianceClass, str]] = {
    VarianceClass.DATA_ISSUE: "Reverse the entry, put the import right, load it again.",
    VarianceClass.CODE_ISSUE: "Put the rule right, migrate what it booked, add a test.",
    VarianceClass.TIMING: "Often gone by the next run.",
}


def class_look(variance_class: VarianceClass | None) -> Look:
    """How it looks, said or not."""
    return CLASSES[variance_class or NOT_SAID]
