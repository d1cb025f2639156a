"""The pieces of the Reconcile page, in the order of its steps."""
