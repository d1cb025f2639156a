from __future__ import annotations

from streamlit.testing.v1 import AppTest


def script() -> None:
    from types import SimpleNamespace

    import streamlit as st

    from recon.queries.matched_rows import MatchSort
    from recon.ui.header_sort import HeaderSort

    sort = HeaderSort(state="sort", page="page", headers={"Line": MatchSort.LINE, "Date": MatchSort.DATE})
    if "click" in st.session_state:
        picked = SimpleNamespace(columns=[st.session_state["click"]])
        st.session_state["grid"] = SimpleNamespace(selection=picked)
        sort.clicked("grid")
    st.text(" ".join(sort.shown()))
    st.text(str(st.session_state.get("page")))


def shown_after(*clicks: str) -> tuple[str, str]:
    at = AppTest.from_function(script).run()
    for header in clicks:
        at.session_state["click"] = header
        at.session_state["page"] = 7
        at.run()
    assert not at.exception
    return at.text[0].value, at.text[1].value


def test_rows_begin_by_the_first_header_upwards() -> None:
    assert shown_after()[0] == "Line ↑"


def test_another_header_begins_downwards_and_on_the_first_page() -> None:
    assert shown_after("Date") == ("Date ↓", "1")


def test_the_sorted_header_turns_round() -> None:
    assert shown_after("Date", "Date")[0] == "Date ↑"


def test_a_header_that_is_no_order_changes_nothing() -> None:
    assert shown_after("Text") == ("Line ↑", "7")
