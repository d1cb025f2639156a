"""Who acts, who may do what, and what waits for a second person."""
