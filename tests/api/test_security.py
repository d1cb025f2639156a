from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from recon.api.application import create_api
from recon.api.security import content_security_policy, security_middleware
from tests.api.asgi_call import call, is_websocket_accepted

INDEX = Path(streamlit.__file__).parent / "static" / "index.html"


async def answer(request: Request) -> Response:
    return PlainTextResponse(request.url.path)


async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("hello")
    await websocket.close()


@pytest.fixture
def app() -> ASGIApp:
    routes = [WebSocketRoute("/_stcore/stream", socket), Route("/{path:path}", answer, methods=["GET", "POST"])]
    middleware = security_middleware(index_html=INDEX, allowed_hosts=["localhost", "127.0.0.1"])
    return Starlette(routes=routes, middleware=middleware)


def test_every_answer_carries_the_security_headers(app: ASGIApp) -> None:
    for path in ("/", "/api/v1/health", "/media/x", "/_stcore/metrics"):
        headers = call(app, path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


def test_the_policy_lets_only_the_page_s_own_inline_scripts_run() -> None:
    policy = content_security_policy("<script>let a = 1</script><script src='x.js'></script><script>b()</script>")
    for script in ("let a = 1", "b()"):
        digest = b64encode(sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert scripts.count("sha256-") == 2
    assert "unsafe" not in scripts
    assert "http" not in policy


def test_the_installed_page_has_inline_scripts_for_the_policy_to_name() -> None:
    assert "sha256-" in content_security_policy(INDEX.read_text(encoding="utf-8"))


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "169.254.169.254"])
def test_a_name_this_server_does_not_go_by_is_refused(app: ASGIApp, host: str) -> None:
    assert call(app, host=host).status == 400
    assert not is_websocket_accepted(app, "/_stcore/stream", host=host)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8501"])
def test_its_own_names_are_answered_on_any_port(app: ASGIApp, host: str) -> None:
    assert call(app, "/x", host=host).body == "/x"
    assert is_websocket_accepted(app, "/_stcore/stream", host=host)


def test_figures_about_the_process_are_not_for_strangers(app: ASGIApp) -> None:
    assert call(app, "/_stcore/metrics").status == 404
    assert call(app, "/_stcore/agent/interact", method="POST").status == 404
    assert call(app, "/_stcore/health").status == 200


def test_what_a_user_may_download_is_not_kept_by_caches(app: ASGIApp) -> None:
    assert call(app, "/media/abc").headers["cache-control"] == "no-store"
    assert "cache-control" not in call(app, "/static/app.js").headers


def test_no_allowed_hosts_means_any_for_who_puts_a_proxy_in_front() -> None:
    middleware = security_middleware(index_html=INDEX, allowed_hosts=[])
    app = Starlette(routes=[Route("/", answer)], middleware=middleware)
    assert call(app, host="books.example").status == 200


def test_the_api_answers_for_its_health() -> None:
    assert json.loads(call(create_api(), "/health").body)["status"] == "ok"
