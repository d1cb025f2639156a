"""A file is made and taken away: the audit log says by whom, of what, and which bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from sqlalchemy import Engine

from recon.store import audit
from recon.workflows.permit import permit_present


def exported(engine: Engine, make: Callable[[], bytes], *, subject: str, file: str, actor: str) -> bytes:
    """The file that `make` gives, once it is in the log. `subject`: what it is of (`run 12`); `file`: its name.

    Whoever is listed may look, and so take it away; raises PersonUnknown and PersonInactive.
    """
    with engine.connect() as conn:
        permit_present(conn, actor)
    content = make()
    detail = {"file": file, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    with engine.begin() as conn:
        audit.record(conn, actor=actor, action="exported", subject=subject, detail=detail)
    return content
