"""The key of a run: what decides its result. The same key is the same run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from recon.model.rules import Rules
from recon.workflows.code_version import engine_version


def run_key(*, source_key: str, reference_key: str, rules: Rules, began: Mapping[str, object] | None = None) -> str:
    """The hash of both readings, the rules and the engine; behind a point that of what else decides it, if any."""
    decides = {"source": source_key, "reference": reference_key, "rules": rules.as_dict(), "engine": engine_version()}
    return _hash(decides) if began is None else f"{_hash(decides)}.{_hash(began)}"


def is_key_of(key: str, *, source_key: str, reference_key: str, rules: Rules) -> bool:
    """Whether the run of that key had these readings and rules, and the engine as it is now."""
    return key.partition(".")[0] == run_key(source_key=source_key, reference_key=reference_key, rules=rules)


def _hash(values: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
