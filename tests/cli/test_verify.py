"""`verify`: sound is 0, anything that was changed is 1 and the first bad place in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from recon.demo import DemoFiles
from tests.cli.conftest import Command

pytestmark = pytest.mark.usefixtures("stored")


def test_a_stored_run_is_verified_and_a_flipped_byte_named(tieout: Command, sample: DemoFiles, home: Path) -> None:
    tieout("run", "--source", sample.bank, "--reference", sample.gateway)
    sound = tieout("verify", "--all-runs")
    assert sound.status == 0
    assert "Runs done again with the same result: 1." in sound.stdout
    (received, *_) = sorted((home / "evidence" / "blobs").iterdir())
    received.write_bytes(received.read_bytes() + b" ")
    spoilt = tieout("verify")
    assert (spoilt.status, len(spoilt.stdout.splitlines())) == (1, 1)
    assert "as it was received, was changed since it was written" in spoilt.stdout
    document = tieout("verify", "--run", 1, "--json").document
    assert (document["sound"], document["problem_count"], document["replayed"]) == (False, 1, [1])


def test_what_makes_no_sense_is_refused(tieout: Command) -> None:
    assert tieout("verify").status == 0
    for asked, said in (
        (("--anchor", "audit_event"), "Write it as --anchor audit_event="),
        (("--anchor", "diary=00"), "There is no log diary"),
        (("--run", 7), "7"),
    ):
        told = tieout("verify", *asked)
        assert (told.status, said in told.stderr) == (2, True), asked
