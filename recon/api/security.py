"""What every answer of the server carries, and what it refuses, pages, API and websocket alike.

Pure ASGI, because Starlette's `BaseHTTPMiddleware` does not see websockets. The content security policy allows the
inline scripts of the installed Streamlit page by their hashes and nothing else inline, so text from a file that
became markup could neither run nor call home.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

API_PREFIX: Final = "/api/"
CLOSED_PATHS: Final = ("/_stcore/metrics", "/_stcore/agent")
"""Streamlit's own routes that tell strangers about the process; no page needs them."""

_INLINE_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def content_security_policy(index_html: str) -> str:
    """The policy for a page whose inline scripts are those of `index_html`.

    `blob:` scripts and workers are Streamlit's own components and charts; inline styles are how it lays pages out.
    """
    hashes = " ".join(
        f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"
        for script in _INLINE_SCRIPT.findall(index_html)
    )
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {hashes} blob:".replace("  ", " "),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class SecurityHeaders:
    """Adds the security headers to every HTTP answer and closes `CLOSED_PATHS`."""

    def __init__(self, app: ASGIApp, *, policy: str) -> None:
        self._app = app
        self._headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
            "Cross-Origin-Opener-Policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                if scope["path"].startswith((API_PREFIX, "/media/")):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        if scope["path"].startswith(CLOSED_PATHS):
            await _not_found(send_with_headers)
            return
        await self._app(scope, receive, send_with_headers)


def security_middleware(*, index_html: Path, allowed_hosts: Sequence[str]) -> list[Middleware]:
    """Outermost first: the headers, then the host names this server answers to (all of them when none are given)."""
    policy = content_security_policy(index_html.read_text(encoding="utf-8"))
    return [
        Middleware(SecurityHeaders, policy=policy),
        Middleware(TrustedHostMiddleware, allowed_hosts=list(allowed_hosts) or ["*"], www_redirect=False),
    ]


async def _not_found(send: Send) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"Not found\n"})
