"""The pieces of a reconciliation's definition: who owns it, its files, rules, open items, accounts and limits."""
