"""Frozen values, closed sets and Arrow schemas that the steps pass to each other; no behaviour beyond themselves."""
