"""What the README promises is there: every dependency, setting and command is explained, and works in a fresh clone."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from types import ModuleType

import pytest
from pydantic.fields import FieldInfo

from recon.cli.app import COMMANDS
from recon.config import Settings
from recon.connectors import CONNECTORS
from recon.model.rules import Rules
from recon.workflows.toml_text import parse_mapping, parse_rules

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


@pytest.mark.parametrize("field", [field for field in Settings.model_fields.values() if field.default is not None])
def test_every_default_is_the_one_told(field: FieldInfo) -> None:
    told = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
    assert f"| `{field.validation_alias}` | `{told}` |" in README


@pytest.mark.parametrize("setting", [str(field.validation_alias) for field in Settings.model_fields.values()])
def test_every_setting_reaches_the_containers(setting: str) -> None:
    compose = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    places = ("RECON_HOME", "RECON_EVIDENCE_URL", "RECON_PORT")  # a container has its own
    assert setting in places or f"\n    {setting}:" in compose


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_listed(command: str) -> None:
    assert f"`python -m recon {command}" in README


@pytest.mark.parametrize("connector", CONNECTORS)
def test_every_connector_is_listed(connector: ModuleType) -> None:
    assert f"| `{connector.NAME}` |" in README


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#:]+)\)", README))
def test_every_link_leads_somewhere(target: str) -> None:
    assert (ROOT / target).exists()


def _block(word: str) -> bytes:
    """The indented block of the README that has this word."""
    blocks = re.findall(r"(?:^    .+\n)+", README, flags=re.MULTILINE)
    return textwrap.dedent(next(block for block in blocks if word in block)).encode()


def test_the_example_files_can_be_used() -> None:
    rules = parse_rules(_block("days_before"), Rules(), filename="README.md")
    assert (rules.amount_tolerance_minor, rules.days_after) == (50, 3)
    mapping = parse_mapping(_block("[roles]"), filename="README.md")
    assert set(mapping.roles.values()) <= set(mapping.header)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a clone would hold: the tracked files and no others."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    folder = tmp_path_factory.mktemp("clone")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


def test_a_fresh_clone_knows_every_command(fresh: Path) -> None:
    ended = _recon(fresh, "--help")  # loads every command
    assert ended.returncode == 0, ended.stderr


def test_the_sample_files_reconcile_in_a_fresh_clone(fresh: Path) -> None:
    assert _recon(fresh, "demo", "sample").returncode == 0
    ended = _recon(fresh, "match", "sample/gateway.csv", "sample/billing.csv", "--out", "result")
    assert ended.returncode == 0, ended.stderr
    assert (fresh / "result" / "summary.json").is_file()


def _recon(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "recon", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
