"""The steps that bring a database to the tables this version knows; `recon.store.migrate` takes them.

One file a step under `versions/`, in a row, never edited once released. They run in one transaction.
"""
