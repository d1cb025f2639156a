"""The pieces of the workbench page."""
