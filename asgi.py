"""The server: pages, REST API and the security in front of both. `streamlit run asgi.py` or any ASGI server."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from starlette.routing import Mount

from recon.api.application import API_PATH, create_api
from recon.api.security import security_middleware
from recon.ui.guard import close_legacy_pages, show_script_problem

HERE = Path(__file__).parent

close_legacy_pages()
app = st.App(
    HERE / "app.py",
    routes=[Mount(API_PATH, app=create_api())],
    middleware=security_middleware(
        index_html=Path(st.__file__).parent / "static" / "index.html",
        allowed_hosts=st.get_option("server.allowedHosts"),
    ),
    on_script_error=show_script_problem,
)
