from __future__ import annotations

import ast
from pathlib import Path

import pytest
from sqlalchemy import Engine
from streamlit.runtime.pages_manager import PagesManager

from tests.builders import unfinished_run
from tests.pages.conftest import APP, Visit

PAGES = sorted((APP.parent / "pages").glob("*.py"))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_page_asks_the_guard_before_it_does_anything(page: Path) -> None:
    statements = [node for node in ast.parse(page.read_text()).body if not isinstance(node, ast.FunctionDef)]
    calls = [node for statement in statements for node in ast.walk(statement) if isinstance(node, ast.Call)]
    assert ast.unparse(calls[0]) == "require()"


@pytest.mark.parametrize("page", [path.stem for path in PAGES])
def test_every_page_opens_on_an_empty_desk(visit: Visit, page: str) -> None:
    at = visit(page)
    assert not at.exception
    assert not at.error
    assert len(at.title) == 1


def test_a_page_reached_without_the_frame_starts_over_inside_it(open_page: Visit, engine: Engine) -> None:
    unfinished_run(engine, "failed")
    at = open_page("runs")
    assert PagesManager.uses_pages_directory is False
    assert not at.exception
    assert any("no run yet" in caption.value or "last run" in caption.value for caption in at.sidebar.caption)
