"""The answers a person gave, and the rule for using one: an answer that is no choice asks again, it is never bent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from recon.ingest.stop import Asked
from recon.model.reading import RAW_VALUE_LIMIT, Question


@dataclass(slots=True, kw_only=True)
class Answers:
    """Answers by question code: those given now stand before those of the saved mapping, and what is `known` of the
    file's format comes last.

    `used` collects what this reading relied on, so that the mapping it returns asks nothing the next time.
    """

    given: Mapping[str, str] = field(default_factory=dict)
    saved: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, str] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)

    def get(self, code: str) -> str | None:
        """The answer to `code` as it was given, good or not, if there is one."""
        return self.given.get(code, self.saved.get(code, self.known.get(code)))

    def use(self, code: str, value: str) -> str:
        """Notes that this reading relies on `value`."""
        self.used[code] = value
        return value

    def settle(self, question: Question, accepts: Callable[[str], bool] | None = None) -> str:
        """The answer to `question`; raises Asked when there is none, or when it is not one the question takes."""
        value = self.get(question.code)
        if value is None:
            raise Asked(question)
        if any(value == choice.value for choice in question.choices) or (accepts is not None and accepts(value)):
            return self.use(question.code, value)
        shown = value[:RAW_VALUE_LIMIT]
        raise Asked(replace(question, text=f"{shown!r} is not an answer we can use. {question.text}"))
