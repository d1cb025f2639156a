"""The rows without keys as Splink links them (DuckDB), with two models a careful user of it could write.

Fair play: the columns are those our engine sees, in the same plain form; blocks are as wide as our candidates (15 % of
the amount, 31 days); u comes from random pairs, m from expectation-maximisation over two blocks. One model compares the
text as a whole. The other is tailored to how these very texts are built, which our engine is not told: first word or
its initial, second word, the rest. Splink ends with scores of pairs; the one-to-one choice among them is best first.
"""

from __future__ import annotations

import importlib.util
import logging
import warnings
from importlib.metadata import version
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from recon.bench.keyless import Ints, Keyless
from recon.matching.strings import texts
from recon.matching.wording import plain_forms

MODELS: Final = {
    "whole text": "amount in 8 steps to 15 %, lag in 7 steps of days, text by beginning and in 6 steps of Jaro-Winkler",
    "tailored": "amount and lag the same, first word or its initial, second word or its beginning with term"
    " frequencies, the rest by beginning and in 3 steps of Jaro-Winkler",
}
"""What each model compares. Blocks: same first word, same second word, equal amount, all within 15 % and 31 days."""

_NEAR: Final = (
    "abs(l.amount - r.amount) <= 0.15 * greatest(abs(l.amount), abs(r.amount)) and r.day - l.day between -31 and 31"
)
_BLOCKS: Final = (
    f"l.second_word = r.second_word and {_NEAR}",
    f"l.first_word = r.first_word and {_NEAR}",
    "l.amount = r.amount and r.day - l.day between -31 and 31",
)
_SAME_TEXT: Final = {
    "whole text": "substr(l.text, 1, 10) = substr(r.text, 1, 10)",
    "tailored": "l.first_word = r.first_word and l.second_word = r.second_word",
}
"""Blocks from which a model learns about amounts and days; equal amounts teach it about texts."""
_SIDES: Final = ("a_source", "b_reference")
"""Names of the tables; what comes first in the alphabet is `l`."""
_LIKELY: Final = 0.01
_THREADS: Final = 2


def splink_version() -> str | None:
    """Which Splink is installed, None if none is."""
    return version("splink") if importlib.util.find_spec("splink") else None


def link(files: Keyless, model: str) -> tuple[Ints, Ints]:
    """Train this one of MODELS on these rows and link them: pairs of rows. Splink must be installed."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = _trained(files, model).inference.predict(threshold_match_probability=_LIKELY)
    pairs = found.as_pyarrow_table()
    return best_first(*(pairs[name].to_numpy() for name in ("row_l", "row_r", "match_weight")))


def _trained(files: Keyless, model: str) -> Any:
    """A Splink linker of both sides with its model estimated from the rows."""
    import duckdb
    from splink import DuckDBAPI, Linker, SettingsCreator
    from splink.blocking_rule_library import CustomRule

    connection = duckdb.connect(config={"threads": _THREADS})
    api = DuckDBAPI(connection)
    tables = [
        api.register(_columns(side), dataset_display_name=name)
        for name, side in zip(_SIDES, (files.source, files.reference), strict=True)
    ]
    linker = Linker(
        tables,
        SettingsCreator(
            link_type="link_only",
            unique_id_column_name="row",
            comparisons=_comparisons(model),
            blocking_rules_to_generate_predictions=[CustomRule(rule) for rule in _BLOCKS],
            retain_matching_columns=False,
        ),
        log_level=logging.ERROR,
    )
    training = linker.training
    training.estimate_probability_two_random_records_match(
        ["l.first_word = r.first_word and l.second_word = r.second_word and l.amount = r.amount"], recall=0.15
    )
    training.estimate_u_using_random_sampling(max_pairs=1e7, seed=7)
    for rule in (_SAME_TEXT[model], "l.amount = r.amount"):
        training.estimate_parameters_using_expectation_maximisation(CustomRule(rule), record_sample_proportion=1.0)
    return linker


def _columns(side: pa.Table) -> pa.Table:
    """What the model compares, one line a row."""
    words = [str(text).split(" ", 2) + [""] * 2 for text in plain_forms(texts(side["description"]))]
    return pa.table(
        {
            "row": np.arange(len(side)),
            "amount": side["amount"],
            "day": side["date"].cast(pa.int32()),
            "first_word": [word[0] or None for word in words],
            "second_word": [word[1] or None for word in words],
            "text": [" ".join(word).strip() or None for word in words],
            "rest": [word[2] or None for word in words],
        }
    )


def _comparisons(model: str) -> list[Any]:
    apart = "abs(amount_l - amount_r) / greatest(abs(amount_l), abs(amount_r))"
    amounts = ["amount_l = amount_r", *(f"{apart} <= {part}" for part in (0.0025, 0.01, 0.02, 0.03, 0.05, 0.08, 0.13))]
    lags = ["= 1", "= 2", "= 3", "between 4 and 5", "between 6 and 8", "between 9 and 12", "between 13 and 21"]
    both = [_comparison("amount", amounts), _comparison("day", [f"day_r - day_l {days}" for days in lags])]
    if model == "whole text":
        return [*both, _comparison("text", [*_beginnings("text", 14), *_alike("text", 0.95, 0.9, 0.85, 0.8, 0.7, 0.6)])]
    initial = "length(first_word_r) = 1 and starts_with(first_word_l, first_word_r)"
    beginning = "starts_with(second_word_l, second_word_r)"
    return [
        *both,
        _comparison("first_word", ["first_word_l = first_word_r", initial]),
        _comparison("second_word", ["second_word_l = second_word_r", beginning], has_frequencies=True),
        _comparison("rest", [*_beginnings("rest", 8), *_alike("rest", 0.9, 0.8, 0.7)]),
    ]


def _beginnings(column: str, long: int) -> list[str]:
    """The reference's text is the beginning of the source's: a long one, or any."""
    begins = f"starts_with({column}_l, {column}_r)"
    return [f"{begins} and length({column}_r) >= {long}", begins]


def _alike(column: str, *bars: float) -> list[str]:
    """The reference's text is this much like as much of the beginning of the source's."""
    return [f"jaro_winkler_similarity(substr({column}_l, 1, length({column}_r)), {column}_r) >= {bar}" for bar in bars]


def _comparison(column: str, levels: list[str], *, has_frequencies: bool = False) -> dict[str, Any]:
    """Levels from the best down; a missing value says nothing. Frequencies: equal values weigh by how rare they are."""
    found: list[dict[str, Any]] = [
        {"sql_condition": f"{column}_l is null or {column}_r is null", "is_null_level": True},
        *({"sql_condition": condition} for condition in levels),
        {"sql_condition": "ELSE"},
    ]
    if has_frequencies:
        found[1] |= {"tf_adjustment_column": column, "tf_adjustment_weight": 1.0}
    return {
        "output_column_name": column,
        "comparison_levels": [{**level, "label_for_charts": level["sql_condition"]} for level in found],
    }


def best_first(source: Ints, reference: Ints, weight: NDArray[np.float64]) -> tuple[Ints, Ints]:
    """One-to-one: the best pair first, then the best of what is left. Ties by source, then reference."""
    taken = []
    source_taken: set[int] = set()
    reference_taken: set[int] = set()
    for at in np.lexsort((reference, source, -weight)).tolist():
        one, other = int(source[at]), int(reference[at])
        if one not in source_taken and other not in reference_taken:
            source_taken.add(one)
            reference_taken.add(other)
            taken.append(at)
    return source[taken], reference[taken]
