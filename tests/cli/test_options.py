"""How options that several commands share are read."""

from __future__ import annotations

import pytest

from recon.cli.options import ComputeEngine, dask_address

SCHEDULER = "tcp://scheduler:8786"


@pytest.mark.parametrize(
    ("asked", "setting", "address"),
    [
        (None, None, None),
        (None, SCHEDULER, SCHEDULER),
        (ComputeEngine.LOCAL, SCHEDULER, None),
        (ComputeEngine.DASK, SCHEDULER, SCHEDULER),
        (ComputeEngine.DASK, None, "local"),
    ],
)
def test_what_is_asked_goes_before_the_setting(
    asked: ComputeEngine | None, setting: str | None, address: str | None
) -> None:
    assert dask_address(asked, setting) == address
