"""A seeded company with known faults: the sample data of a first start, and the oracle of the tests."""

from recon.demo.company import Fault
from recon.demo.load import load_demo
from recon.demo.period import DEMO_RULES, DemoFiles, DemoPair, Period, build_period, write_demo, write_period
from recon.demo.truth import Finding, Truth

__all__ = [
    "DEMO_RULES",
    "DemoFiles",
    "DemoPair",
    "Fault",
    "Finding",
    "Period",
    "Truth",
    "build_period",
    "load_demo",
    "write_demo",
    "write_period",
]
