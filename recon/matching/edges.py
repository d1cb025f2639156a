"""Possible pairs as a graph: two kinds of ends, an edge for each pair, whole-number utilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from recon.matching.arrays import Flags, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """Possible pairs. Ends are dense numbers in canonical order; utilities are whole and above 0.

    `source_content`/`reference_content` are indexed by end: ends of equal content are interchangeable. Where there are
    more of them than partners, that also takes `..._can_be_copy`: rows with only an amount in common are no copies.
    """

    source: Ints
    reference: Ints
    utility: Ints
    source_content: Ints
    reference_content: Ints
    source_can_be_copy: Flags
    reference_can_be_copy: Flags

    def __len__(self) -> int:
        return len(self.source)


def components(edges: Edges, live: Ints) -> Ints:
    """The connected component of each live edge, numbered from 0."""
    sources, source = np.unique(edges.source[live], return_inverse=True)
    references, reference = np.unique(edges.reference[live], return_inverse=True)
    size = len(sources) + len(references)
    graph = csr_array((np.ones(len(live), np.int8), (source, reference + len(sources))), shape=(size, size))
    label = connected_components(graph, directed=False)[1]
    result: Ints = label[source].astype(np.int64)
    return result
