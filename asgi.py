"""The server: pages, REST API and the security in front of both. `streamlit run asgi.py` or any ASGI server."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route

from recon.api.application import API_PATH, create_api
from recon.api.security import security_middleware
from recon.ui.guard import close_legacy_pages, show_script_problem

HERE = Path(__file__).parent


def to_overview(request: Request) -> RedirectResponse:
    """The start page by its own name: Streamlit knows it only as `/`."""
    return RedirectResponse(f"/?{request.url.query}".removesuffix("?"))


close_legacy_pages()
app = st.App(
    HERE / "app.py",
    routes=[Mount(API_PATH, app=create_api()), Route("/overview", to_overview)],
    middleware=security_middleware(
        index_html=Path(st.__file__).parent / "static" / "index.html",
        allowed_hosts=st.get_option("server.allowedHosts"),
    ),
    on_script_error=show_script_problem,
)
