"""The pieces of the Runs page: the history, and one run with its proof and its matched, carried and netted rows."""
