"""A stored result belongs to the code that came to it: the keys change with that code, and with nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import recon
from recon.model.rules import Rules
from recon.workflows import run_key
from recon.workflows.code_version import ENGINE, READER, engine_version, reader_version, source_digest

PARTS = ("matching", "money.py")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "matching" / "passes").mkdir(parents=True)
    for name in ("matching/engine.py", "matching/passes/exact.py", "money.py", "demo.py"):
        (tmp_path / name).write_text(name)
    return tmp_path


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "matching/passes/exact.py").write_text("other"),
        lambda root: (root / "money.py").write_text(""),
        lambda root: (root / "matching/new.py").write_text("new"),
        lambda root: (root / "matching/engine.py").rename(root / "matching/motor.py"),
    ],
    ids=["a module deeper down", "a single module", "one more", "another name"],
)
def test_it_changes_with_the_code_that_decides(root: Path, change: Callable[[Path], object]) -> None:
    before = source_digest(root, PARTS)
    change(root)
    assert source_digest(root, PARTS) != before


def test_it_stays_when_other_code_changes_and_when_python_leaves_its_own_files(root: Path) -> None:
    before = source_digest(root, PARTS)
    (root / "demo.py").write_text("other")
    (root / "matching" / "__pycache__").mkdir()
    (root / "matching" / "__pycache__" / "engine.pyc").write_bytes(b"x")
    assert source_digest(root, reversed(PARTS)) == before


def test_all_that_is_said_to_decide_is_there() -> None:
    folder = Path(recon.__file__).parent
    assert all((folder / part).exists() for part in (*READER, *ENGINE))
    assert reader_version() != engine_version()


def test_another_engine_makes_it_another_run(monkeypatch: pytest.MonkeyPatch) -> None:
    before = run_key.run_key(source_key="a", reference_key="b", rules=Rules())
    monkeypatch.setattr(run_key, "engine_version", lambda: "changed")
    assert run_key.run_key(source_key="a", reference_key="b", rules=Rules()) != before
