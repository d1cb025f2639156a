"""Pieces of the Open items page."""
