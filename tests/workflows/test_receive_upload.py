"""Receiving a file: known bytes are recognised, and a sender's name is only ever shown."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from recon.store.evidence import Evidence, blob_name
from recon.store.tables import audit_event, upload
from recon.workflows.receive_upload import UploadReceipt, receive_upload, shown_name


def receive(engine: Engine, evidence: Evidence, content: bytes, filename: str, actor: str = "ana") -> UploadReceipt:
    return receive_upload(engine, evidence, io.BytesIO(content), filename=filename, actor=actor)


def test_a_file_is_kept_and_recorded(engine: Engine, evidence: Evidence, tmp_path: Path) -> None:
    path = tmp_path / "march.csv"
    path.write_bytes(b"date,amount\n")
    receipt = receive_upload(engine, evidence, path, filename="march.csv", actor="ana")
    assert receipt.earlier is None
    assert receipt.sentence is None
    assert (receipt.upload.filename, receipt.upload.size_bytes, receipt.upload.received_by) == ("march.csv", 12, "ana")
    assert evidence.local_path(blob_name(receipt.upload.sha256)).read_bytes() == b"date,amount\n"
    with engine.connect() as conn:
        event = conn.execute(select(audit_event)).one()
    assert (event.actor, event.action, event.subject) == ("ana", "upload_received", f"upload {receipt.upload.id}")


def test_the_same_file_again_is_the_same_upload_and_says_when_it_came(engine: Engine, evidence: Evidence) -> None:
    first = receive(engine, evidence, b"rows", "march.csv", actor="ana")
    again = receive(engine, evidence, b"rows", "march.csv", actor="ben")
    assert again.upload == first.upload
    assert again.sentence is not None
    assert again.sentence.startswith("This file was already received on ")
    assert again.sentence.endswith(" by ana, as march.csv.")


def test_the_same_bytes_under_another_name_are_an_upload_that_knows_the_first(
    engine: Engine, evidence: Evidence
) -> None:
    first = receive(engine, evidence, b"rows", "march.csv")
    other = receive(engine, evidence, b"rows", "march (1).csv")
    assert other.upload.id != first.upload.id
    assert other.earlier == first.upload


def test_a_double_click_is_one_upload(engine: Engine, evidence: Evidence) -> None:
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda _: receive(engine, evidence, b"rows", "march.csv"), range(8)))
    assert len({receipt.upload.id for receipt in receipts}) == 1
    with engine.connect() as conn:
        assert conn.execute(select(func.count()).select_from(upload)).scalar_one() == 1


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ana\\march.csv", "march.csv"),
        ("ma\x00r\nch\u202e.csv", "march.csv"),
        ("März 2026.csv", "März 2026.csv"),
        ("", "unnamed"),
        ("..", "unnamed"),
        ("\ud800.csv", ".csv"),
    ],
)
def test_a_senders_name_is_made_safe_to_show(sent: str, shown: str) -> None:
    assert shown_name(sent) == shown


def test_a_long_name_keeps_its_ending() -> None:
    assert len(shown_name("x" * 5000 + ".xlsx")) == 200
    assert shown_name("x" * 5000 + ".xlsx").endswith("….xlsx")
