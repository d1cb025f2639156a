"""What brokers say our customers have: cash, holdings, and deposits that reached them."""

from recon.connectors.brokers.client import BrokerClient, BrokerUnreadable, Deposit, HttpBroker
from recon.connectors.brokers.pull import BrokerStatement, Wanted, pull

__all__ = [
    "BrokerClient",
    "BrokerStatement",
    "BrokerUnreadable",
    "Deposit",
    "HttpBroker",
    "Wanted",
    "pull",
]
