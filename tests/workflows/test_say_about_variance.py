"""What people say of a variance: nobody overwrites what they have not seen, and nothing empty is kept."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, text

from recon.errors import CommentMissing, CommentTooLong, TieoutError
from recon.model.checks import VarianceClass
from recon.queries.variances import VarianceFilter, variance_detail, variance_page
from recon.store.variances import VarianceChanged, VarianceNotFound
from recon.workflows.say_about_variance import say_about_variance
from tests.queries.test_checks import off, ran


@pytest.fixture
def variance_id(engine: Engine) -> int:
    ran(engine, "gtn", off("ann", 5))
    return variance_page(engine, VarianceFilter())[0].id


def say(engine: Engine, variance_id: int, **more: Any) -> None:
    given = {"variance_class": None, "comment": "", "seen_version": 1, "action_key": "k1", "actor": "ana"} | more
    say_about_variance(engine, variance_id, **given)


def test_of_two_who_classify_the_second_is_told(engine: Engine, variance_id: int) -> None:
    say(engine, variance_id, variance_class=VarianceClass.DATA_ISSUE)
    with pytest.raises(VarianceChanged, match="ana changed this variance meanwhile"):
        say(engine, variance_id, variance_class=VarianceClass.TIMING, action_key="k2", actor="bo")
    say(engine, variance_id, comment="Look at entry 7.", action_key="k3", actor="bo")  # adds, and overwrites nothing
    found = variance_detail(engine, variance_id)
    assert found.variance.variance_class is VarianceClass.DATA_ISSUE
    assert [event.actor for event in found.events] == ["ana", "bo"]
    with engine.connect() as conn:
        audited = conn.execute(text("select action, subject from audit_event order by id")).all()
    assert audited == [
        ("variance_classified", f"variance {variance_id}"),
        ("variance_commented", f"variance {variance_id}"),
    ]


@pytest.mark.parametrize(
    ("given", "problem"), [({"comment": "  "}, CommentMissing), ({"comment": "x" * 10_000}, CommentTooLong)]
)
def test_an_empty_and_an_endless_comment_are_refused(
    engine: Engine, variance_id: int, given: dict[str, Any], problem: type[TieoutError]
) -> None:
    with pytest.raises(problem):
        say(engine, variance_id, **given)
    assert variance_detail(engine, variance_id).events == ()


def test_a_variance_that_is_not_there_is_told(engine: Engine) -> None:
    with pytest.raises(VarianceNotFound, match="no variance 999"):
        say(engine, 999, comment="Hm.")
    with pytest.raises(VarianceNotFound):
        variance_detail(engine, 999)
