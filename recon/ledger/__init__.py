"""Double entry, event-sourced: a command is decided into a fact, a fact projected into the journal. Pure."""

from recon.ledger.decide import check, decide, repeat
from recon.ledger.project import posting_of
from recon.ledger.trial_balance import trial_balance

__all__ = ["check", "decide", "posting_of", "repeat", "trial_balance"]
