"""The pieces of the Ledger page."""
