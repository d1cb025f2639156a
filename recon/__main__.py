"""`python -m recon`."""

from recon.cli.app import app

app(prog_name="python -m recon")
