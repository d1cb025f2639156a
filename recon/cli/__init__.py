"""The command line: `python -m recon`."""
