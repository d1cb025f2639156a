"""Date text: what one cell means, what a column proves about day and month, and times with their zones."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.ingest.date_text import DateOrder
from recon.ingest.dates import DateFormat, decide_dates, parse_dates
from recon.ingest.months import month_number
from recon.ingest.serials import excel_serial_to_date
from recon.ingest.undecided import QuestionCode, Undecided

TODAY = date(2026, 11, 20)
DMY, MDY, YMD = (DateFormat(order=order) for order in DateOrder)
Cells = list[str | None]


def read(cells: Cells, fmt: DateFormat = DMY) -> list[str]:
    """The day of each cell in ISO form, or the code of what is wrong with it."""
    parsed = parse_dates(pa.array(cells, pa.string()), fmt, TODAY)
    codes = [parsed.verdicts.at(row) for row in range(len(cells))]
    return [code.value if code else str(day) for code, day in zip(codes, parsed.dates.to_pylist(), strict=True)]


def instant(cell: str, zone: str | None = None) -> datetime | None:
    """The instant of one cell, in UTC."""
    found: datetime | None = parse_dates(pa.array([cell]), DMY, TODAY, zone=zone).at[0].as_py()
    return found


def decide(cells: Cells, **answers: str) -> str:
    """The order a column decides for, or the code of the question it leaves."""
    decided = decide_dates(pa.array(cells, pa.string()), TODAY, **answers)
    return decided.code.value if isinstance(decided, Undecided) else decided.order.value


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-04",
        "2026/03/04",
        "2026.3.4",
        "2026.03.04.",
        "2026. 03. 04.",
        "2026:03:04",
        "2026 03 04",
        "20260304",
        "04/03/2026",
        "4/3/2026",
        "04-03-2026",
        "04.03.2026",
        "4. 3. 2026",
        "04 03 2026",
        "04-Mar-2026",
        "04 MAR 2026",
        "4 March 2026",
        "4th March 2026",
        "04Mar2026",
        "Mar 4, 2026",
        "March 4 2026",
        "2026-Mar-04",
        "4. März 2026",
        "4 mars 2026",
        "4 de marzo de 2026",
        "4 марта 2026",
        "2026-03-04 10:11",
        "2026-03-04T10:11:12.345678",
        "2026-03-04 10:11:12 -0400",
        "2026-03-04T23:59:59Z",
        "4/3/2026 9:05",
        "Mar 4, 2026 10:12:11 AM PDT",
        "20260304T101112Z",
        "20260304101112",
        " 2026-03-04\t",
        "'2026-03-04",
        "\u00a02026-03-04",
    ],
)
def test_a_day_is_read_in_every_form_of_the_list(cell: str) -> None:
    assert read([cell]) == ["2026-03-04"]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (None, "DATE_EMPTY"),
        ("  ", "DATE_EMPTY"),
        ("2026-02-30", "DATE_IMPOSSIBLE"),
        ("31/04/2026", "DATE_IMPOSSIBLE"),
        ("29/02/2025", "DATE_IMPOSSIBLE"),
        ("00/00/0000", "DATE_IMPOSSIBLE"),
        ("2026-13-01", "DATE_IMPOSSIBLE"),
        ("20261301", "DATE_IMPOSSIBLE"),
        ("9999-12-31", "DATE_OUT_OF_RANGE"),
        ("0001-01-01", "DATE_OUT_OF_RANGE"),
        ("10000-01-01", "DATE_NOT_A_DATE"),
        ("03/25/2026", "DATE_OTHER_ORDER"),
        ("04.03.26", "DATE_TWO_DIGIT_YEAR"),
        ("12-Dec-19", "DATE_TWO_DIGIT_YEAR"),
        ("10-Nov-9", "DATE_TWO_DIGIT_YEAR"),
        ("04/03/026", "DATE_NOT_A_DATE"),
        ("2026-03/04", "DATE_NOT_A_DATE"),
        ("03/2026", "DATE_NOT_A_DATE"),
        ("Jan 2", "DATE_NOT_A_DATE"),
        ("Mon", "DATE_NOT_A_DATE"),
        ("May", "DATE_NOT_A_DATE"),
        ("10", "DATE_NOT_A_DATE"),
        ("46024", "DATE_NOT_A_DATE"),
        ("1772582400", "DATE_NOT_A_DATE"),
        ("4 مارس 2026", "DATE_NOT_A_DATE"),
        ("٢٠٢٦-٠٣-٠٤", "DATE_NOT_A_DATE"),
        ("4 Foo 2026", "DATE_NOT_A_DATE"),
        ("Pending", "DATE_NOT_A_DATE"),
        ("2026-03-04 10:11:12 XQZ", "DATE_NOT_A_DATE"),
        ("9" * 100_000, "DATE_NOT_A_DATE"),
        ("2026-03-04 25:00", "TIME_IMPOSSIBLE"),
        ("2026-03-04 10:60", "TIME_IMPOSSIBLE"),
        ("2026-03-04 10:11:60", "TIME_IMPOSSIBLE"),
        ("2026-03-04 24:00:01", "TIME_IMPOSSIBLE"),
        ("2026-03-04 13:00 PM", "TIME_IMPOSSIBLE"),
        ("2026-03-04 0:30 AM", "TIME_IMPOSSIBLE"),
        ("2026-03-04 10:00 +19:00", "TIME_IMPOSSIBLE"),
    ],
)
def test_what_is_no_date_says_why_and_is_never_repaired(cell: str | None, code: str) -> None:
    assert read([cell]) == [code]


@pytest.mark.parametrize(
    ("cell", "outcome"),
    [
        ("1989-12-31", "DATE_OUT_OF_RANGE"),
        ("1990-01-01", "1990-01-01"),
        ("1990-01-02", "1990-01-02"),
        ("2028-11-19", "2028-11-19"),
        ("2028-11-20", "2028-11-20"),
        ("2028-11-21", "DATE_OUT_OF_RANGE"),
    ],
)
def test_dates_are_accepted_from_1990_to_two_years_from_now(cell: str, outcome: str) -> None:
    assert read([cell]) == [outcome]


def test_two_years_from_a_leap_day_is_the_28th() -> None:
    parsed = parse_dates(pa.array(["2030-02-28", "2030-03-01"]), DMY, date(2028, 2, 29))
    assert parsed.verdicts.is_valid.tolist() == [True, False]


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["03/04/2026", "25/06/2026"], "DMY"),
        (["03/04/2026", "06/25/2026"], "MDY"),
        (["3-4-2026", "6-13-2026"], "MDY"),
        (["03/04/2026 10:00", "13/04/2026 11:00:01"], "DMY"),
        (["03.04.2026", "05.06.2026"], "DMY"),
        (["03.04.2026", "05.25.2026"], "MDY"),
        (["03/03/2026", "04/04/2026"], "DMY"),
        (["2026-03-04", "20260304", "4 Mar 2026"], "DMY"),
        ([], "DMY"),
        ([None, "n/a"], "DMY"),
    ],
)
def test_one_part_over_twelve_decides_the_order_of_the_column(cells: Cells, order: str) -> None:
    assert decide(cells) == order
    assert decide(cells[::-1]) == order


@pytest.mark.parametrize(("day", "decided"), [("11", "DAY_MONTH_ORDER"), ("12", "DAY_MONTH_ORDER"), ("13", "DMY")])
def test_a_twelve_may_be_a_month_and_a_thirteen_may_not(day: str, decided: str) -> None:
    assert decide(["03/04/2026", f"{day}/04/2026"]) == decided


@pytest.mark.parametrize("cells", [["03/04/2026"], ["03/04/2026", "05/06/2026", None], ["03-04-2026", "31/04/2026"]])
def test_a_column_that_fits_both_orders_is_asked_about(cells: Cells) -> None:
    assert decide(cells) == "DAY_MONTH_ORDER"
    assert decide(cells, day_month_order="DMY") == "DMY"
    assert decide(cells, day_month_order="MDY") == "MDY"
    assert decide(cells, day_month_order="YMD") == "DAY_MONTH_ORDER"
    assert decide(cells, two_digit_year="DMY") == "DAY_MONTH_ORDER"


def test_the_question_shows_the_rows_it_is_about() -> None:
    asked = decide_dates(pa.array(["03/03/2026", "03/04/2026", "2026-01-01", "05/06/2026"]), TODAY)
    assert isinstance(asked, Undecided)
    assert asked.code is QuestionCode.DAY_MONTH_ORDER
    assert [choice.value for choice in asked.choices] == ["DMY", "MDY"]
    assert asked.examples == (1, 3)


def test_a_row_that_fits_only_the_other_order_is_one_bad_row_of_a_proven_column() -> None:
    cells: Cells = ["25/03/2026", "26/03/2026", "27/03/2026", "04/03/2026", "03/29/2026"]
    assert decide(cells) == "DMY"
    assert read(cells) == ["2026-03-25", "2026-03-26", "2026-03-27", "2026-03-04", "DATE_OTHER_ORDER"]


@pytest.mark.parametrize(("strays", "decided"), [(0, "DMY"), (1, "DMY"), (2, "DAY_MONTH_ORDER")])
def test_several_rows_of_the_other_order_are_two_files_in_one_and_a_question(strays: int, decided: str) -> None:
    cells: Cells = ["25/03/2026", "26/03/2026", "27/03/2026", "04/03/2026"]
    assert decide(cells + ["03/29/2026"] * strays) == decided


def test_where_no_row_fits_both_orders_the_fewer_are_refused_and_nothing_is_misread() -> None:
    assert decide(["25/03/2026", "26/03/2026", "03/29/2026"]) == "DMY"
    assert decide(["25/03/2026", "03/29/2026"]) == "DAY_MONTH_ORDER"
    assert decide(["25/03/2026", "03/29/2026"], day_month_order="MDY") == "MDY"


def test_an_old_answer_gives_way_to_a_column_that_proves_the_opposite() -> None:
    assert decide(["03/04/2026"] + ["03/25/2026"] * 50, day_month_order="DMY") == "MDY"
    assert decide(["03/04/2026"] * 50 + ["03/25/2026"], day_month_order="DMY") == "DMY"


def test_two_digit_years_need_a_word_from_a_person() -> None:
    asked = decide_dates(pa.array(["04.03.26", "13.04.26"]), TODAY)
    assert isinstance(asked, Undecided)
    assert asked.code is QuestionCode.TWO_DIGIT_YEAR
    assert [choice.value for choice in asked.choices] == ["DMY", "YMD"]
    assert decide(["04.03.26", "13.04.26"], two_digit_year="YMD") == "YMD"
    assert decide(["04.03.26", "13.04.26"], two_digit_year="MDY") == "TWO_DIGIT_YEAR"
    assert decide(["04.03.26"], day_month_order="DMY") == "TWO_DIGIT_YEAR"


def test_only_orders_the_column_fits_are_offered_for_two_digit_years() -> None:
    asked = decide_dates(pa.array(["12/31/26", "01/30/26", "02/29/24"]), TODAY)
    assert isinstance(asked, Undecided)
    assert [choice.value for choice in asked.choices] == ["MDY"]


@pytest.mark.parametrize(
    ("year", "outcome"),
    [
        ("90", "1990-03-04"),
        ("99", "1999-03-04"),
        ("00", "2000-03-04"),
        ("28", "2028-03-04"),
        ("29", "DATE_OUT_OF_RANGE"),
    ],
)
def test_a_declared_two_digit_year_is_the_one_year_in_range(year: str, outcome: str) -> None:
    assert read([f"04.03.{year}"], DateFormat(order=DateOrder.DMY, two_digit_years=True)) == [outcome]


@pytest.mark.parametrize("leap_day", ["2000-02-29", "2024-02-29", "29/02/2028"])
def test_a_leap_day_is_a_day(leap_day: str) -> None:
    assert "02-29" in read([leap_day])[0]


@pytest.mark.parametrize(("proofs", "decided"), [(2, "DAY_MONTH_ORDER"), (3, "DMY"), (4, "DMY")])
def test_a_stray_is_one_against_three_or_more(proofs: int, decided: str) -> None:
    assert decide(["25/03/2026"] * proofs + ["04/03/2026", "03/29/2026"]) == decided


def test_an_unambiguous_form_is_read_in_a_column_of_another_order() -> None:
    assert read(["2026-03-25", "25 Mar 2026", "Mar 25, 2026"], MDY) == ["2026-03-25"] * 3


@pytest.mark.parametrize(
    ("cell", "zone", "expected"),
    [
        ("2026-03-04", "Europe/Berlin", None),
        ("2026-03-04 10:11:12", None, None),
        ("2026-03-04T10:11:12Z", None, "2026-03-04T10:11:12"),
        ("2026-03-04 10:11:12 UTC", "Europe/Berlin", "2026-03-04T10:11:12"),
        ("2026-03-04T10:11:12.345678+05:30", None, "2026-03-04T04:41:12.345678"),
        ("2026-03-04T10:11:12.5Z", None, "2026-03-04T10:11:12.5"),
        ("2026-03-04T10:11:12.123456789Z", None, "2026-03-04T10:11:12.123456"),
        ("2026-03-04 22:00:00 -0400", None, "2026-03-05T02:00:00"),
        ("2026-03-04 12:00 AM UTC", None, "2026-03-04T00:00:00"),
        ("2026-03-04 12:00 pm UTC", None, "2026-03-04T12:00:00"),
        ("2026-03-04 9:05 p.m. UTC", None, "2026-03-04T21:05:00"),
        ("2026-01-15 10:00:00", "Europe/Berlin", "2026-01-15T09:00:00"),
        ("2026-07-15 10:00:00", "Europe/Berlin", "2026-07-15T08:00:00"),
        ("2026-03-29 01:59:59", "Europe/Berlin", "2026-03-29T00:59:59"),
        ("2026-03-29 03:00:00", "Europe/Berlin", "2026-03-29T01:00:00"),
        ("2026-10-25 02:30:00", "Europe/Berlin", "2026-10-25T00:30:00"),
        ("2026-03-04 10:11:12 PST", "Europe/Berlin", None),
    ],
)
def test_an_instant_needs_a_zone_from_the_text_or_the_feed(cell: str, zone: str | None, expected: str | None) -> None:
    assert instant(cell, zone) == (datetime.fromisoformat(expected).replace(tzinfo=UTC) if expected else None)


def test_the_booking_date_is_the_date_as_written_whatever_the_zone() -> None:
    assert read(["2026-03-04 23:30:00 -0400"]) == ["2026-03-04"]


def test_midnight_at_the_end_of_a_day_is_the_next_day_and_is_marked() -> None:
    parsed = parse_dates(pa.array(["2026-12-31 24:00", "2026-12-31T24:00:00Z", "2026-12-31 00:00"]), DMY, TODAY)
    assert parsed.dates.to_pylist() == [date(2027, 1, 1), date(2027, 1, 1), date(2026, 12, 31)]
    assert parsed.at[1].as_py() == datetime(2027, 1, 1, tzinfo=UTC)
    assert parsed.next_day.tolist() == [True, True, False]


def test_a_time_the_clocks_skipped_is_refused_and_one_they_showed_twice_is_marked() -> None:
    cells = ["2026-03-29 02:30:00", "2026-10-25 02:30:00", "2026-10-25 03:00:00"]
    parsed = parse_dates(pa.array(cells), DMY, TODAY, zone="Europe/Berlin")
    assert [parsed.verdicts.at(row) for row in range(3)] == ["TIME_SKIPPED", None, None]
    assert parsed.folded.tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("serial", "is_1904", "day"),
    [
        (0, False, None),
        (1, False, date(1900, 1, 1)),
        (59, False, date(1900, 2, 28)),
        (60, False, None),
        (61, False, date(1900, 3, 1)),
        (46024, False, date(2026, 1, 2)),
        (0, True, date(1904, 1, 1)),
        (44562, True, date(2026, 1, 2)),
        (-1, True, None),
        (2_958_465, False, date(9999, 12, 31)),
        (2_958_466, False, None),
    ],
)
def test_a_spreadsheet_serial_is_a_day_in_its_own_system(serial: int, is_1904: bool, day: date | None) -> None:
    assert excel_serial_to_date(serial, is_1904=is_1904) == day


@pytest.mark.parametrize("name", ["Sept", "SEPTEMBER", "septembre", "settembre", "września", "září", "eylül"])
def test_a_month_is_known_by_its_name_in_the_main_european_languages(name: str) -> None:
    assert month_number(name) == 9


def test_a_month_name_is_one_whether_its_accents_are_composed_or_not() -> None:
    assert month_number("ma\u0308rz") == month_number("m\u00e4rz") == 3


# --- laws -------------------------------------------------------------------------------------------------------

days = st.dates(date(1990, 1, 1), date(2028, 11, 20))
FORMS = {
    "DMY": ["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %m %Y"],
    "MDY": ["%m/%d/%Y", "%m-%d-%Y"],
    "YMD": ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d."],
}


@given(days, st.sampled_from([(order, form) for order, forms in FORMS.items() for form in forms]))
def test_what_is_written_is_read_in_every_order(day: date, written: tuple[str, str]) -> None:
    order, form = written
    assert read([day.strftime(form)], DateFormat(order=DateOrder(order))) == [day.isoformat()]


@given(st.lists(days, min_size=1, max_size=20), st.sampled_from(["DMY", "MDY"]))
def test_a_column_is_never_decided_for_the_order_it_was_not_written_in(column: list[date], order: str) -> None:
    decided = decide([day.strftime(FORMS[order][0]) for day in column])
    assert decided in (order, "DAY_MONTH_ORDER") or all(day.day == day.month for day in column)


@given(
    st.integers(86_400 * 7400, 86_400 * 21_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.integers(-12 * 60, 14 * 60),
)
def test_an_offset_leads_back_to_the_same_instant(moment: datetime, minutes: int) -> None:
    sign, east = ("+" if minutes >= 0 else "-"), abs(minutes)
    local = (moment + timedelta(minutes=minutes)).replace(tzinfo=None)
    cell = f"{local.isoformat()}{sign}{east // 60:02d}:{east % 60:02d}"
    assert instant(cell) == moment


cell_texts = st.one_of(
    st.text(alphabet="0123456789/-. :TZ+MarAPM", max_size=20),
    st.dates().map(lambda day: day.strftime("%d/%m/%Y")),
    st.text(max_size=6),
    st.none(),
)


@given(st.lists(cell_texts, max_size=12), st.sampled_from([DMY, MDY, YMD]), st.randoms(use_true_random=False))
def test_a_cell_means_the_same_whatever_stands_around_it(cells: Cells, fmt: DateFormat, order: random.Random) -> None:
    alone = {cell: read([cell], fmt)[0] for cell in cells}
    order.shuffle(cells)
    assert read(cells, fmt) == [alone[cell] for cell in cells]


@given(st.lists(cell_texts, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_decision(cells: Cells, order: random.Random) -> None:
    decided = decide(cells)
    order.shuffle(cells)
    assert decide(cells) == decided
