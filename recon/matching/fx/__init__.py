"""Rows of different currencies that are one movement, by the rates of the rules."""
