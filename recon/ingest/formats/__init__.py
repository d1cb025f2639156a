"""The exports we know by their columns. Exactly one may claim a header: of two a person chooses, what none claims is
`GENERIC`.

To add one: describe its columns in a module, add it here, add its test. README lists them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from recon.ingest.answers import Answers
from recon.ingest.formats.format import Format
from recon.ingest.formats.generic import GENERIC
from recon.ingest.formats.marketplaces import AMAZON_DATE_RANGE, BOOKING, EBAY, ETSY
from recon.ingest.formats.neobanks import MERCURY, MONZO, RELAY, REVOLUT, REVOLUT_BUSINESS, VENMO, WISE
from recon.ingest.formats.processors import ADYEN, PAYPAL, SHOPIFY, SHOPIFY_PAYOUTS, SIBS, SQUARE
from recon.ingest.formats.stripe import STRIPE_HISTORY, STRIPE_ITEMIZED
from recon.model.reading import Choice, Question

FORMATS: Final[tuple[Format, ...]] = (
    STRIPE_HISTORY,
    STRIPE_ITEMIZED,
    PAYPAL,
    SQUARE,
    ADYEN,
    SHOPIFY,
    SHOPIFY_PAYOUTS,
    SIBS,
    AMAZON_DATE_RANGE,
    EBAY,
    ETSY,
    BOOKING,
    WISE,
    REVOLUT,
    REVOLUT_BUSINESS,
    VENMO,
    MERCURY,
    RELAY,
    MONZO,
    GENERIC,
)


def format_of(names: Sequence[str], answers: Answers) -> Format:
    """The format of a header; raises Asked(FORMAT) when two claim it. A person may also say that it is none of them."""
    by_name = {known.name: known for known in FORMATS}
    if (given := answers.get("FORMAT")) in by_name:
        answers.use("FORMAT", str(given))
        return by_name[str(given)]
    claims = [known for known in FORMATS if known.claims(names)]
    if len(claims) <= 1:
        return claims[0] if claims else GENERIC
    question = Question(
        code="FORMAT",
        text="The columns could be those of more than one export. Which one is it?",
        column=None,
        choices=tuple(Choice(value=known.name, label=known.title) for known in (*claims, GENERIC)),
    )
    return by_name[answers.settle(question)]
