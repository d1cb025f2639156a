"""The pieces of the Triage page: the queue with its filters and views, one discrepancy in full, and deciding."""
