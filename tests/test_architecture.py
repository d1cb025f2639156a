"""The tree's own rules: who may import whom, how long a page may be, and what never appears in the code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted(p for folder in ("recon", "checks", "pages") for p in (ROOT / folder).rglob("*.py"))
MODULES += [ROOT / name for name in ("app.py", "asgi.py", "sidecar.py") if (ROOT / name).exists()]

STEPS = ("ingest", "feeds", "matching", "discrepancies", "ledger", "triage", "report")
JOINERS = ("store", "connectors", "alerts")
EDGES = ("api", "cli", "worker", "ui", "demo", "bench")

BASE = {"errors", "money", "calendar", "config", "model"}
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "money": {"errors"},
    "calendar": {"errors"},
    "model": {"errors", "money"},
    "config": {"errors", "money", "model"},
    **dict.fromkeys(STEPS, BASE),
    **{joiner: BASE | set(JOINERS) for joiner in JOINERS},
    "queries": BASE | {"store"},
    "workflows": BASE | set(STEPS) | set(JOINERS) | {"queries"},
    "ui": BASE | {"queries", "workflows", "report"},
}
"""Layer -> the other layers of `recon` it may import. The edges (CLI, API, demo, bench) may import every layer."""

ONLY_IN = {
    "streamlit": ("app.py", "asgi.py", "pages/", "recon/ui/"),
    "fastapi": ("asgi.py", "recon/api/"),
    "sqlalchemy": (
        "recon/store/",
        "recon/queries/",
        "recon/alerts/outbox.py",
        "checks/",
        "recon/workflows/",
        "recon/connectors/",
        "recon/cli/",
        "recon/demo/",
        "recon/bench/",
        "recon/worker/",
        "recon/ui/",
        "sidecar.py",
    ),
}


def imports(path: Path) -> set[str]:
    """Every dotted module the file imports, at any level."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def layer(path: Path) -> str:
    parts = path.relative_to(ROOT / "recon").parts
    return parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", [p for p in MODULES if p.is_relative_to(ROOT / "recon")], ids=str)
def test_imports_point_one_way(path: Path) -> None:
    allowed = MAY_IMPORT.get(layer(path))
    if allowed is None:
        return
    used = {name.split(".")[1] for name in imports(path) if name.startswith("recon.")}
    assert used <= allowed | {layer(path)}, f"{path.name} may not import {sorted(used - allowed - {layer(path)})}"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_recon_knows_neither_checks_nor_pages(path: Path) -> None:
    if path.is_relative_to(ROOT / "recon"):
        assert not {name.split(".")[0] for name in imports(path)} & {"checks", "pages"}


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_libraries_stay_at_their_border(path: Path) -> None:
    place = path.relative_to(ROOT).as_posix()
    tops = {name.split(".")[0] for name in imports(path)}
    for library, places in ONLY_IN.items():
        assert library not in tops or place.startswith(places), f"{place} imports {library}"


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda p: p.name)
def test_a_page_renders_and_calls(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 150
    assert not any(isinstance(node, ast.ClassDef) for node in ast.walk(ast.parse(text)))


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_markup_is_never_trusted(path: Path) -> None:
    assert "unsafe_allow_html" not in path.read_text()
