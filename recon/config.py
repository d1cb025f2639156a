"""Settings, read once from the environment (and `.env`), each with the default a first run needs."""

from __future__ import annotations

import base64
import binascii
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from recon.model.books import Broker
from recon.model.rules import Rules

LOCAL_CLUSTER: Final = "local"
"""As `dask_address`: a cluster on this machine, for as long as a run takes."""


class Settings(BaseSettings):
    """All settings by their environment names. `RECON_` first, except the names other tools share."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,  # it may be a secret
    )

    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    home: Path = Field(default=Path(".tieout"), validation_alias="RECON_HOME")
    evidence_url: str | None = Field(default=None, validation_alias="RECON_EVIDENCE_URL")
    port: int = Field(default=8501, validation_alias="RECON_PORT", ge=1, le=65535)
    actor: str = Field(default="operator", validation_alias="RECON_ACTOR")
    upload_limit_mb: int = Field(default=200, validation_alias="RECON_UPLOAD_LIMIT_MB", ge=1)
    lease_seconds: float = Field(default=60, validation_alias="RECON_LEASE_SECONDS", ge=1)

    dask_address: str | None = Field(default=None, validation_alias="RECON_DASK_ADDRESS", pattern=r"^(local|\w+://.+)$")

    amount_tolerance_cents: int = Field(default=0, validation_alias="RECON_AMOUNT_TOLERANCE_CENTS")
    amount_tolerance_percent: Decimal = Field(default=Decimal(0), validation_alias="RECON_AMOUNT_TOLERANCE_PERCENT")
    date_tolerance_days: int = Field(default=1, validation_alias="RECON_DATE_TOLERANCE_DAYS")
    fuzzy_description_threshold: int = Field(default=80, validation_alias="RECON_FUZZY_DESCRIPTION_THRESHOLD")

    schedule_enabled: bool = Field(default=True, validation_alias="RECON_SCHEDULE_ENABLED")
    interval_seconds: int = Field(default=3600, validation_alias="RECON_INTERVAL_SECONDS", ge=1)
    external_interval_seconds: int = Field(default=86_400, validation_alias="RECON_EXTERNAL_INTERVAL_SECONDS", ge=1)
    schedule_initial_delay_seconds: float = Field(
        default=60, validation_alias="RECON_SCHEDULE_INITIAL_DELAY_SECONDS", ge=0
    )
    india_enabled: bool = Field(default=False, validation_alias="INDIA_RECON_ENABLED")
    india_interval_seconds: int = Field(default=3600, validation_alias="INDIA_RECON_INTERVAL_SECONDS", ge=1)

    alert_webhook_url: SecretStr | None = Field(default=None, validation_alias="ALERT_WEBHOOK_URL")
    alert_webhook_secret: SecretStr | None = Field(default=None, validation_alias="ALERT_WEBHOOK_SECRET")
    alert_webhook_secret_old: SecretStr | None = Field(default=None, validation_alias="ALERT_WEBHOOK_SECRET_OLD")
    alert_persist_enabled: bool = Field(default=True, validation_alias="ALERT_PERSIST_ENABLED")
    alert_allow_loopback: bool = Field(default=False, validation_alias="RECON_ALERT_ALLOW_LOOPBACK")
    public_url: str | None = Field(default=None, validation_alias="RECON_PUBLIC_URL")

    gtn_url: str | None = Field(default=None, validation_alias="RECON_GTN_URL")
    gtn_token: SecretStr | None = Field(default=None, validation_alias="RECON_GTN_TOKEN")
    zag_url: str | None = Field(default=None, validation_alias="RECON_ZAG_URL")
    zag_token: SecretStr | None = Field(default=None, validation_alias="RECON_ZAG_TOKEN")
    viewtrade_url: str | None = Field(default=None, validation_alias="RECON_VIEWTRADE_URL")
    viewtrade_token: SecretStr | None = Field(default=None, validation_alias="RECON_VIEWTRADE_TOKEN")

    @field_validator(
        "dask_address",
        *("alert_webhook_url", "alert_webhook_secret", "alert_webhook_secret_old", "gtn_url", "gtn_token"),
        *("zag_url", "zag_token", "viewtrade_url", "viewtrade_token"),
        mode="before",
    )
    @classmethod
    def _empty_is_unset(cls, given: object) -> object:
        """`ALERT_WEBHOOK_URL=` is how a container says that there is none."""
        return None if isinstance(given, str) and not given.strip() else given

    @field_validator("alert_webhook_secret", "alert_webhook_secret_old")
    @classmethod
    def _is_a_key(cls, secret: SecretStr | None) -> SecretStr | None:
        """Told at the start, not when the first alert is to be sent."""
        text = secret.get_secret_value() if secret else ""
        if text.startswith("whsec_"):
            try:
                base64.b64decode(text.removeprefix("whsec_"), validate=True)
            except binascii.Error:
                raise ValueError("what follows whsec_ must be base64") from None
        return secret

    def default_rules(self) -> Rules:
        """The rules of a run that brings none of its own."""
        return Rules(
            amount_tolerance_minor=self.amount_tolerance_cents,
            amount_tolerance_percent=self.amount_tolerance_percent,
            days_before=self.date_tolerance_days,
            days_after=self.date_tolerance_days,
            description_threshold=self.fuzzy_description_threshold,
        )

    def broker(self, broker: Broker) -> tuple[str | None, str | None]:
        """Address and token of a broker's API; None where there is none."""
        url: str | None = getattr(self, f"{broker}_url")
        token: SecretStr | None = getattr(self, f"{broker}_token")
        return url, token.get_secret_value() if token else None

    def evidence_location(self) -> str:
        """fsspec URL of the evidence store; a folder under `home` unless set."""
        return self.evidence_url or str(self.home.absolute() / "evidence")


@cache
def settings() -> Settings:
    """The process's settings; tests build their own `Settings` instead."""
    return Settings()
