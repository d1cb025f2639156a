"""Settings, read once from the environment (and `.env`), each with the default a first run needs."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from recon.model.rules import Rules


class Settings(BaseSettings):
    """All settings by their environment names. `RECON_` first, except the names other tools share."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    home: Path = Field(default=Path(".tieout"), validation_alias="RECON_HOME")
    evidence_url: str | None = Field(default=None, validation_alias="RECON_EVIDENCE_URL")
    port: int = Field(default=8501, validation_alias="RECON_PORT", ge=1, le=65535)
    actor: str = Field(default="operator", validation_alias="RECON_ACTOR")
    upload_limit_mb: int = Field(default=200, validation_alias="RECON_UPLOAD_LIMIT_MB", ge=1)
    lease_seconds: float = Field(default=60, validation_alias="RECON_LEASE_SECONDS", ge=1)

    amount_tolerance_cents: int = Field(default=0, validation_alias="RECON_AMOUNT_TOLERANCE_CENTS")
    amount_tolerance_percent: Decimal = Field(default=Decimal(0), validation_alias="RECON_AMOUNT_TOLERANCE_PERCENT")
    date_tolerance_days: int = Field(default=1, validation_alias="RECON_DATE_TOLERANCE_DAYS")
    fuzzy_description_threshold: int = Field(default=80, validation_alias="RECON_FUZZY_DESCRIPTION_THRESHOLD")

    def default_rules(self) -> Rules:
        """The rules of a run that brings none of its own."""
        return Rules(
            amount_tolerance_minor=self.amount_tolerance_cents,
            amount_tolerance_percent=self.amount_tolerance_percent,
            days_before=self.date_tolerance_days,
            days_after=self.date_tolerance_days,
            description_threshold=self.fuzzy_description_threshold,
        )

    def evidence_location(self) -> str:
        """fsspec URL of the evidence store; a folder under `home` unless set."""
        return self.evidence_url or str(self.home.absolute() / "evidence")


@cache
def settings() -> Settings:
    """The process's settings; tests build their own `Settings` instead."""
    return Settings()
