"""Two transaction tables to matches: pure, order-independent, best and not first."""
