"""Which checks are due how often, by the settings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from recon.config import Settings
from recon.model.checks import Category, CheckBook
from recon.model.schedule import ScheduledCheck
from recon.worker.timetable import schedules

CHECKS = tuple(
    ScheduledCheck(check_name=category.name, book=book, category=category)
    for book in CheckBook
    for category in (Category.INTERNAL, Category.EXTERNAL)
)
HOUR, DAY = 3600, 86_400


def due(**settings: object) -> dict[str, int]:
    """`uae A` -> seconds."""
    found = schedules(Settings(_env_file=None, **settings), CHECKS)  # type: ignore[arg-type]
    return {f"{s.check.book} {s.check.category}": s.interval // timedelta(seconds=1) for s in found}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, {"uae A": HOUR, "uae C": DAY, "all A": HOUR, "all C": DAY}),
        ({"RECON_SCHEDULE_ENABLED": False}, {}),
        (
            {"INDIA_RECON_ENABLED": True, "INDIA_RECON_INTERVAL_SECONDS": 600},
            {"uae A": HOUR, "uae C": DAY, "all A": HOUR, "all C": DAY, "india A": 600, "india C": DAY},
        ),
        (
            {"INDIA_RECON_ENABLED": True, "RECON_SCHEDULE_ENABLED": False, "INDIA_RECON_INTERVAL_SECONDS": 600},
            {"india A": 600, "india C": DAY, "all A": 600, "all C": DAY},
        ),
        (
            {"RECON_INTERVAL_SECONDS": 60, "RECON_EXTERNAL_INTERVAL_SECONDS": 120},
            {"uae A": 60, "uae C": 120, "all A": 60, "all C": 120},
        ),
    ],
)
def test_each_book_has_its_switch_and_its_cadence(settings: dict[str, object], expected: dict[str, int]) -> None:
    assert due(**settings) == expected


@pytest.mark.parametrize("name", ["ALERT_WEBHOOK_URL", "ALERT_WEBHOOK_SECRET", "ALERT_WEBHOOK_SECRET_OLD"])
def test_an_empty_setting_is_an_unset_one(name: str) -> None:
    settings = Settings(_env_file=None, **{name: " "})  # type: ignore[arg-type]
    assert settings.alert_webhook_url is settings.alert_webhook_secret is settings.alert_webhook_secret_old is None


def test_a_secret_that_is_no_key_is_told_at_the_start_and_never_shown() -> None:
    no_key = "whsec_not base64!"
    with pytest.raises(ValueError, match="must be base64") as refused:
        Settings(_env_file=None, ALERT_WEBHOOK_SECRET=no_key)  # type: ignore[arg-type]
    settings = Settings(_env_file=None, ALERT_WEBHOOK_URL="https://hooks.test/hush")  # type: ignore[arg-type]
    assert "hush" not in repr(settings)
    assert no_key not in str(refused.value)
