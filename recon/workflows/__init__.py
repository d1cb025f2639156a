"""One use case a file, in three beats: gather, decide, write."""
