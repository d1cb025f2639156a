"""`python -m recon`: the commands, and the rule that what a person can put right is one sentence, never a traceback.

A command's module is loaded when the command is asked for, so that `parse` starts without a database driver.
"""

from __future__ import annotations

import importlib
from typing import Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command

from recon.cli.exits import Exit
from recon.errors import TieoutError

COMMANDS: Final = (
    "parse", "match", "run", "newest", "verify", "up", "worker", "migrate", "demo", "ledger", "feeds", "alerts",
    "bench",
)  # fmt: skip
"""Each is a function of its name in the module of its name, or a group `app` there."""


class Commands(TyperGroup):
    """Finds the commands, and tells a `TieoutError` as its sentence on stderr with the exit status of a refusal."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, name: str) -> Any:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"recon.cli.{name}")
        if hasattr(module, "app"):
            return get_command(module.app)
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command(name)(getattr(module, name))
        return get_command(alone)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except TieoutError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(Exit.REFUSED) from None


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def tieout() -> None:
    """Reconcile two exports: read them, match them, show every cent that does not tie out."""
