"""What a reader of a page sees, from Streamlit's test driver."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def text(at: AppTest) -> str:
    """All prose and figures of a page, in one string."""
    kinds = (at.title, at.markdown, at.caption, at.error, at.info)
    shown = [str(element.value) for kind in kinds for element in kind]
    return "\n".join([*shown, *(f"{metric.label} {metric.value} {metric.delta}" for metric in at.metric)])


def metrics(at: AppTest) -> dict[str, str]:
    """Label -> figure of the page's metrics."""
    return {metric.label: metric.value for metric in at.metric}


def buttons(at: AppTest) -> set[str]:
    """Labels of the page's buttons."""
    return {button.label for button in at.button}


def progress(at: AppTest) -> list[str]:
    """The text beside each progress bar."""
    return [bar.proto.text for bar in at.main if bar.type == "progress"]
