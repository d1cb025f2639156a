"""Views of the queue are a person's own, or shared; only who saved one takes it away."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from recon.errors import NameMissing, ViewNameTaken, ViewNotFound
from recon.model.people import Person, PersonRole
from recon.model.people_refusals import NotAllowed
from recon.queries.saved_views import saved_views
from recon.workflows.manage_people import list_person
from recon.workflows.save_view import begin_with_view, change_view, drop_view, save_view


def names(engine: Engine, actor: str) -> list[str]:
    return [view.name for view in saved_views(engine, actor)]


def test_everybody_sees_their_own_and_what_is_shared(engine: Engine) -> None:
    save_view(engine, "Large", {"min": "1000"}, is_shared=True, actor="mara")
    save_view(engine, " My  euros ", {"ccy": "EUR"}, is_shared=False, actor="mara")
    save_view(engine, "Ivo's", {}, is_shared=False, actor="ivo")
    assert names(engine, "mara") == ["Large", "My euros"]
    assert names(engine, "ivo") == ["Ivo's", "Large"]


def test_a_second_view_of_the_same_name_takes_the_place_of_the_first(engine: Engine) -> None:
    first = save_view(engine, "Large", {"min": "1000"}, is_shared=True, actor="mara")
    assert save_view(engine, "Large", {"min": "5000"}, is_shared=False, actor="mara") == first
    (view,) = saved_views(engine, "mara")
    assert (view.query, view.is_shared) == ({"min": "5000"}, False)


def test_nobody_takes_somebody_elses_view_away(engine: Engine) -> None:
    view = save_view(engine, "Large", {}, is_shared=True, actor="mara")
    with pytest.raises(ViewNotFound):
        drop_view(engine, view, actor="ivo")
    drop_view(engine, view, actor="mara")
    assert names(engine, "mara") == []


def test_a_view_has_a_name_and_who_saves_it_works_here(engine: Engine) -> None:
    for name in ("  ", "x" * 41):
        with pytest.raises(NameMissing):
            save_view(engine, name, {}, is_shared=True, actor="mara")
    list_person(engine, Person(name="vera", role=PersonRole.VIEWER), actor="ada")
    with pytest.raises(NotAllowed):
        save_view(engine, "Large", {}, is_shared=False, actor="vera")


def test_a_view_is_renamed_and_shared_by_who_saved_it_and_keeps_its_filters(engine: Engine) -> None:
    view = save_view(engine, "Large", {"min": "1000"}, is_shared=False, actor="mara")
    save_view(engine, "Euros", {}, is_shared=False, actor="mara")
    change_view(engine, view, name=" Very  large ", is_shared=True, actor="mara")
    (seen,) = saved_views(engine, "ivo")
    assert (seen.name, seen.is_shared, seen.query) == ("Very large", True, {"min": "1000"})
    with pytest.raises(ViewNotFound):
        change_view(engine, view, name="Mine", is_shared=True, actor="ivo")
    with pytest.raises(ViewNameTaken, match="Euros"):
        change_view(engine, view, name="Euros", is_shared=True, actor="mara")


def test_everybody_begins_with_a_view_of_their_own_choice(engine: Engine) -> None:
    shared = save_view(engine, "Large", {"min": "1000"}, is_shared=True, actor="mara")
    own = save_view(engine, "Euros", {}, is_shared=False, actor="mara")
    begin_with_view(engine, own, actor="mara")
    begin_with_view(engine, shared, actor="mara")
    begin_with_view(engine, shared, actor="ivo")
    assert defaults(engine, "mara") == defaults(engine, "ivo") == ["Large"]
    with pytest.raises(ViewNotFound):
        begin_with_view(engine, own, actor="ivo")
    assert defaults(engine, "ivo") == ["Large"]
    begin_with_view(engine, None, actor="ivo")
    assert defaults(engine, "ivo") == []
    drop_view(engine, shared, actor="mara")
    assert defaults(engine, "mara") == []


def defaults(engine: Engine, actor: str) -> list[str]:
    return [view.name for view in saved_views(engine, actor) if view.is_default]
