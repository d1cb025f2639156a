"""Why a message did not get through, as sentences that name no address: what they are shown to may be anyone."""

from __future__ import annotations


class NotSent(Exception):
    """There was no answer; a later try may get one."""


class AddressRefused(Exception):
    """The address is none a message may go to, and will be none later."""

    def __init__(self, why: str) -> None:
        super().__init__(f"ALERT_WEBHOOK_URL is refused: {why}.")
