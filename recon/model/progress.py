"""How a long step says where it is: one callable, asked often, which may also stop the step."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with (stage, rows done, rows total), always from the thread that started the step.

It may raise `recon.errors.RunCancelled`; the step lets it pass and leaves nothing behind.
"""


def silent(stage: str, done_count: int, total_count: int) -> None:
    """The progress of someone who does not watch."""
