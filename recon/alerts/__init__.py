"""Alerts: what is told when a check's status changes, how it is signed, where it may go, and when it is tried again."""
