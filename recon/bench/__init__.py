"""Benchmarks of the whole path and of its parts, each against a plain baseline measured in the same run.

`python -m recon bench N` is `recon.bench.path`; figures are reported, never asserted in tests.
"""
