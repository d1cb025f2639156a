"""The pieces of the Reports page."""
