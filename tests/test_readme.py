"""What the README promises is there: every dependency and setting is explained, every link leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from recon.cli.app import COMMANDS
from recon.config import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _packages(name: str) -> list[str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [re.split(r"[\[<>=]", line)[0] for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("package", _packages("requirements.txt") + _packages("requirements-dev.txt"))
def test_every_dependency_has_its_reason(package: str) -> None:
    assert f"`{package}`" in README


@pytest.mark.parametrize("setting", [str(field.validation_alias) for field in Settings.model_fields.values()])
def test_every_setting_is_explained(setting: str) -> None:
    assert f"| `{setting}` |" in README
    assert f"# {setting}=" in (ROOT / ".env.example").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_listed(command: str) -> None:
    assert f"`python -m recon {command}" in README


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#:]+)\)", README))
def test_every_link_leads_somewhere(target: str) -> None:
    assert (ROOT / target).exists()
