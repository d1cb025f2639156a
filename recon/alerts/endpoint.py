"""Where alerts go, as the settings say."""

from __future__ import annotations

from dataclasses import dataclass

from recon.config import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One receiver. `secrets` sign, the current one first; `public_url` is where links in messages lead."""

    url: str
    secrets: tuple[str, ...]
    allow_loopback: bool
    public_url: str


def endpoint_of(settings: Settings) -> Endpoint | None:
    """The receiver of the settings; None when there is none."""
    if settings.alert_webhook_url is None:
        return None
    secrets = (settings.alert_webhook_secret, settings.alert_webhook_secret_old)
    return Endpoint(
        url=settings.alert_webhook_url.get_secret_value(),
        secrets=tuple(secret.get_secret_value() for secret in secrets if secret is not None),
        allow_loopback=settings.alert_allow_loopback,
        public_url=settings.public_url or f"http://localhost:{settings.port}",
    )
