"""The pieces of the Rules page: the draft, its try-out on a past run, and the versions that were saved."""
