"""A view of the triage queue somebody keeps: the filters and the order, under a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

VIEW_NAME_LIMIT: Final = 40
"""Characters of a view's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """`query` is what the URL says: names of filters and their values as JSON. `is_shared`: everybody sees it.

    `is_default`: who asked begins with it.
    """

    id: int
    owner: str
    name: str
    is_shared: bool
    is_default: bool
    query: Mapping[str, Any]
