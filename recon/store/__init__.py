"""The only code that writes to PostgreSQL and to the evidence store."""
