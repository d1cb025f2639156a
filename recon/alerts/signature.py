"""Signing a message as Standard Webhooks say (https://www.standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`.

With two secrets it carries two signatures, so that a receiver can change over from the one to the other.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Final

PREFIX: Final = "whsec_"


def key_of(secret: str) -> bytes:
    """The key a secret stands for: base64 after `whsec_`, else the text itself. Raises ValueError."""
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("what follows whsec_ is not base64") from None


def signed_headers(*, webhook_id: str, at: datetime, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The headers of one try at `at`; without secrets the message goes unsigned."""
    stamp = str(int(at.timestamp()))
    headers = {"webhook-id": webhook_id, "webhook-timestamp": stamp}
    if secrets:
        headers["webhook-signature"] = " ".join(_signature(key_of(s), webhook_id, stamp, body) for s in secrets)
    return headers


def _signature(key: bytes, webhook_id: str, stamp: str, body: bytes) -> str:
    digest = hmac.new(key, b".".join((webhook_id.encode(), stamp.encode(), body)), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
