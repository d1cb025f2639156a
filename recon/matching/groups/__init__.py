"""Matches of several rows with one, or with several; and rows of one side that cancel each other."""
