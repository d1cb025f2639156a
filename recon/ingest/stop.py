"""How a step of reading says that it cannot go on: `read_file` turns both into values, nothing escapes it."""

from __future__ import annotations

from recon.model.reading import Question, Refusal


class Refused(Exception):
    """The whole file is refused; `problem` is a sentence for the person who sent it."""

    def __init__(self, code: str, problem: str) -> None:
        super().__init__(code)
        self.refusal = Refusal(code=code, problem=problem)


class Asked(Exception):
    """Nothing further can be read until these questions are answered."""

    def __init__(self, *questions: Question) -> None:
        super().__init__(", ".join(question.code for question in questions))
        self.questions = questions
