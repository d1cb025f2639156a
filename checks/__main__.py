"""`python -m checks`."""

from checks.cli import app

app(prog_name="python -m checks")
