"""The process that reads a file starts light: what it does not load, no file has to wait for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from recon.workflows.child_process import environment

LOADED = """
import sys
from recon.workflows.child_process import without_pandas
without_pandas()
import recon.workflows.store_reading
import pyarrow as pa
pa.array(["a list makes pyarrow look for pandas"])
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_it_loads_neither_the_database_nor_spreadsheets_nor_pandas() -> None:
    command = [sys.executable, "-c", LOADED]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment(), check=True)
    loaded = set(done.stdout.split())
    assert "pyarrow" in loaded
    assert not loaded & {"sqlalchemy", "psycopg", "pandas", "openpyxl", "duckdb", "scipy", "streamlit"}


def test_what_the_person_set_for_memory_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")
    assert environment()["ARROW_DEFAULT_MEMORY_POOL"] == "jemalloc"
