"""The evidence store: content-addressed, whole or not at all, and closed to names that users make up."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from pathlib import Path

import pyarrow as pa
import pytest

from recon.errors import EvidenceMissing
from recon.store.evidence import Evidence, blob_name, reading_name, run_name

TABLE = pa.table({"line": [2, 3, 4], "amount": [100, -250, 9_999]})


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Evidence:
    """A local folder, and a store behind fsspec that is not a folder."""
    return Evidence(str(tmp_path / "evidence") if request.param == "folder" else f"memory://{tmp_path.name}")


def test_a_file_is_named_by_its_content(store: Evidence, tmp_path: Path) -> None:
    path = tmp_path / "march.csv"
    path.write_bytes(b"date,amount\n2026-03-01,1.00\n")
    digest = store.put_file(path)
    assert digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert store.local_path(blob_name(digest)).read_bytes() == path.read_bytes()
    assert store.size(blob_name(digest)) == path.stat().st_size


def test_the_same_content_twice_is_one_blob(tmp_path: Path) -> None:
    store = Evidence(str(tmp_path))
    assert store.put_file(io.BytesIO(b"same")) == store.put_file(io.BytesIO(b"same"))
    assert len(list((tmp_path / "blobs").iterdir())) == 1


def test_a_table_comes_back_as_it_was_stored(store: Evidence) -> None:
    name = reading_name("a" * 64, "transactions.parquet")
    first = store.write_table(name, TABLE)
    assert store.read_table(name).equals(TABLE)
    assert store.read_table(name, columns=["amount"], filters=[("amount", "<", 0)]).to_pydict() == {"amount": [-250]}
    assert first == hashlib.sha256(store.local_path(name).read_bytes()).hexdigest()
    assert store.write_table(run_name(1, 1, "matches.parquet"), TABLE) == first


@pytest.mark.parametrize(
    "name",
    [
        "../secret",
        "/etc/passwd",
        "blobs/../../x",
        "blobs/march.csv",
        "runs/1/1/../../x.json",
        "readings/x/raw.parquet",
        "",
    ],
)
def test_a_name_that_we_did_not_make_is_refused(store: Evidence, name: str) -> None:
    with pytest.raises(ValueError, match="not a name of the evidence store"):
        store.local_path(name)


def test_what_is_not_there_is_a_sentence(store: Evidence) -> None:
    with pytest.raises(EvidenceMissing, match="Restore it from a backup"):
        store.read_json(run_name(7, 1, "manifest.json"))
    with pytest.raises(EvidenceMissing):
        store.local_path(run_name(7, 1, "matches.parquet"))


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    store = Evidence(str(tmp_path))
    with pytest.raises(TypeError):
        store.write_json(run_name(1, 1, "manifest.json"), {"not": {"json"}})
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_only_the_owner_may_read_the_files(tmp_path: Path) -> None:
    store = Evidence(str(tmp_path / "evidence"))
    digest = store.put_file(io.BytesIO(b"salaries"))
    path = store.local_path(blob_name(digest))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_an_unpublished_attempt_is_removed_and_the_others_stay(store: Evidence) -> None:
    for attempt in (1, 2):
        store.write_table(run_name(5, attempt, "matches.parquet"), TABLE)
    store.remove_attempt(5, 1)
    store.remove_attempt(5, 9)
    assert store.attempts(5) == (2,)
    assert store.attempts(6) == ()


def test_files_a_killed_process_left_half_written_are_swept(tmp_path: Path) -> None:
    store = Evidence(str(tmp_path))
    half = tmp_path / "tmp" / "new-abc"
    half.write_bytes(b"half")
    assert store.sweep(older_than_seconds=60) == 0
    os.utime(half, (0, 0))
    assert store.sweep(older_than_seconds=60) == 1
    assert not half.exists()
