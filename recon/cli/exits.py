"""Exit statuses, stable for scripts."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended."""

    READ = 0  # done
    FAILED = 1  # a run that failed or was cancelled
    REFUSED = 2  # a file we cannot read, or a request that makes no sense: the sentence on stderr says which
    QUESTIONS = 3  # the files leave something open that only a person can decide: `--answer`
