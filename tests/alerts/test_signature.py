"""Messages are signed as Standard Webhooks say: the vectors are those of its reference libraries."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from recon.alerts.signature import key_of, signed_headers

SHARED = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
AT = datetime.fromtimestamp(1_614_265_330, UTC)
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_published_vector_is_met() -> None:
    headers = signed_headers(webhook_id="msg_p5jXN8AQM9LWM0D4loKWxJek", at=AT, body=BODY, secrets=[SHARED])
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": SIGNATURE,
    }


def test_two_secrets_make_two_signatures_in_their_order() -> None:
    headers = signed_headers(
        webhook_id="msg_p5jXN8AQM9LWM0D4loKWxJek", at=AT, body=BODY, secrets=["plain words", SHARED]
    )
    first, second = headers["webhook-signature"].split(" ")
    assert second == SIGNATURE
    assert first.startswith("v1,")
    assert first != second


def test_a_secret_is_base64_after_its_prefix_and_else_the_text_itself() -> None:
    assert key_of("whsec_" + base64.b64encode(b"a key").decode()) == b"a key"
    assert key_of("plain words") == b"plain words"
    with pytest.raises(ValueError, match="not base64"):
        key_of("whsec_no base64!")


def test_without_a_secret_there_is_no_signature() -> None:
    assert "webhook-signature" not in signed_headers(webhook_id="a", at=AT, body=BODY, secrets=[])
