"""What the Integrity page is made of: the board, one check in full, and comparisons with brokers while one waits."""
