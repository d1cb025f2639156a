"""The continuity strip: the days each file covers, account by account, and where a balance does not follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import plotly.graph_objects as go
import streamlit as st

from recon.model.feed import Link, LinkState
from recon.queries.feeds import FeedFile
from recon.ui import charts
from recon.ui.format import clip, day, md, money, plain
from recon.workflows.feed_standings import FeedStanding

LANES_SHOWN: Final = 6
GAPS_TOLD: Final = 3
_LANE_HEIGHT: Final = 26
_AXIS_HEIGHT: Final = 22
_DAY_MS: Final = 86_400_000
_FILE_GAP_MS: Final = 4 * 3_600_000
"""What is left open between two files, so that each is seen."""

FOLLOWS, ALONE, AGAIN, GAP = "Follows", "No balance to follow", "Covered again", "Balance does not follow"
COLORS: Final = {FOLLOWS: "#22a06b", ALONE: "#8a94a6", AGAIN: "#d97706", GAP: "#e5484d"}
"""Of the bars of each word, in the order the legend shows them: they stand out on light and dark alike."""

LEGEND: Final = ":green[■] follows :gray[■] states no balance :orange[■] covers days again :red[■] does not follow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Days in a lane, the last one included; `word` is a key of COLORS, `text` what the pointer shows."""

    lane: str
    first_on: date
    last_on: date
    word: str
    text: str


def strip(standing: FeedStanding) -> None:
    """Draw the strip, and below it each balance that does not follow, in words."""
    found = bars(standing)
    if not found:
        return
    with st.container(border=True, gap="xsmall", key="strip"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown("**Continuity** :gray[· closing balance = opening balance of the next file]", width="content")
            st.markdown(f":small[{LEGEND}]", width="content")
        st.plotly_chart(
            strip_chart(found), key="strip_chart", config=charts.CONFIG, alt="Days covered by each file, and gaps"
        )
        for control in standing.breaks[:GAPS_TOLD]:
            st.markdown(f":small[:red[:material/link_off:] {md(control.says)}]")
        more = len(standing.breaks) - GAPS_TOLD
        if more > 0:
            st.caption(f"and {more} more")


def bars(standing: FeedStanding) -> list[Bar]:
    """Every file in the lane of each account it is about, then the gaps over them."""
    files = [file for file in standing.files if not file.is_set_aside]
    again = {link.after.upload_id for link, _ in standing.links if link.state is LinkState.OVERLAPS}
    linked = {end.upload_id for link, _ in standing.links for end in (link.before, link.after)}
    lanes: dict[str, list[Bar]] = {}
    for file in reversed(files):
        word = AGAIN if file.upload_id in again else FOLLOWS if file.upload_id in linked else ALONE
        for bar in _of_file(file, word):
            lanes.setdefault(bar.lane, []).append(bar)
    for link, control in standing.links:
        if control is not None and not control.agrees and not control.is_accepted:
            gap = _of_gap(link)
            lanes.setdefault(gap.lane, []).append(gap)
    return [bar for lane in sorted(lanes)[:LANES_SHOWN] for bar in lanes[lane]]


def strip_chart(found: Sequence[Bar]) -> go.Figure:
    """One lane an account; red where a balance moved between two files."""
    chart = go.Figure()
    for word, color in COLORS.items():
        own = [bar for bar in found if bar.word == word]
        if not own:
            continue
        chart.add_bar(
            name=word,
            orientation="h",
            y=[bar.lane for bar in own],
            base=[datetime.combine(bar.first_on, datetime.min.time()) for bar in own],
            x=[((bar.last_on - bar.first_on).days + 1) * _DAY_MS - _FILE_GAP_MS for bar in own],
            text=[bar.text for bar in own],
            textposition="none",
            hovertemplate="%{text}<extra></extra>",
            marker={"color": color, "line": {"width": 0}, "opacity": 0.65 if word == AGAIN else 1},
        )
    lane_count = len({bar.lane for bar in found})
    charts.frame(chart, height=_AXIS_HEIGHT + lane_count * _LANE_HEIGHT, legend=False)
    chart.update_layout(barmode="overlay", bargap=0.4, margin={"b": _AXIS_HEIGHT})
    chart.update_xaxes(type="date", tickformat="%-d %b", showgrid=True, nticks=12, automargin=False)
    chart.update_yaxes(autorange="reversed", showgrid=False, ticklabelstandoff=6)
    return chart


def _of_file(file: FeedFile, word: str) -> Iterable[Bar]:
    for total in file.totals:
        accounts = [account for account in file.accounts if account.currency == total.currency]
        days = f"{day(total.first_date)} to {day(total.last_date)}"
        for account in (*accounts, *([] if accounts else [None])):
            balances = ""
            if account is not None and account.opening is not None:
                opening, closing = money(account.opening, account.currency), money(account.closing, account.currency)
                balances = f"<br>{opening} to {closing}"
            yield Bar(
                lane=lane(account.number if account else None, total.currency),
                first_on=total.first_date,
                last_on=total.last_date,
                word=word,
                text=f"{clip(plain(file.filename), 60)}<br>{days}{balances}",
            )


def _of_gap(link: Link) -> Bar:
    """Over the days between; where there are none, over the day the later file begins."""
    between = link.gap_days > 0
    first_on = link.before.last_on + timedelta(days=1) if between else link.after.first_on
    last_on = link.after.first_on - timedelta(days=1) if between else link.after.first_on
    moved = money(link.difference, link.after.currency)
    return Bar(
        lane=lane(link.after.account, link.after.currency),
        first_on=first_on,
        last_on=last_on,
        word=GAP,
        text=f"{moved} moved between<br>{clip(plain(link.before.filename), 60)} and<br>"
        f"{clip(plain(link.after.filename), 60)}",
    )


def lane(account: str | None, currency: str) -> str:
    """What a lane is called."""
    return f"{clip(plain(account), 24)} {currency}" if account else currency
