"""The pieces of the Feeds page: the list, and of one feed its files, mapping and arrival."""
