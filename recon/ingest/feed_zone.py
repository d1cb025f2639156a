"""The time zone of a feed: what makes instants of times that name no zone. Given as the answer ZONE, never guessed."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from recon.ingest.answers import Answers
from recon.ingest.stop import Asked
from recon.model.reading import RAW_VALUE_LIMIT, Choice, Question

ZONE: Final = "ZONE"


def feed_zone(answers: Answers) -> str | None:
    """The feed's zone (an IANA name), if it has one; raises Asked(ZONE) for a name of no zone."""
    name = answers.get(ZONE)
    if name is None:
        return None
    if not is_zone(name):
        raise Asked(_question(name))
    return answers.use(ZONE, name)


def is_zone(name: str) -> bool:
    """Whether this is the name of a time zone: `Europe/Berlin`, `UTC`."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _question(name: str) -> Question:
    return Question(
        code=ZONE,
        text=f"{name[:RAW_VALUE_LIMIT]!r} is no time zone we know. Which zone are the file's times of?",
        column=None,
        choices=(Choice(value="UTC", label="UTC"), Choice(value="Europe/Berlin", label="Europe/Berlin")),
        free_text=True,
    )
