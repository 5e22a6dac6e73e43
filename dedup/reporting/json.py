"""Matches as JSON and JSON Lines, the same bytes for the same matches."""

from __future__ import annotations

import json
import re
from typing import Any

from dedup.scoring.clusters import Cluster
from dedup.scoring.match import Match

# Valid in a JSON string, but not safe in UTF-8 output or on a terminal.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def result_json(
    matches: list[Match],
    clusters: list[Cluster],
    errors: list[dict[str, Any]],
    *,
    standing_only: int = 0,
) -> dict[str, Any]:
    """Return the result of a check or scan as in the output schema.

    ``standing_only`` counts the candidate pairs that share nothing but standing text.
    """
    return {
        "schema": "dedup.result/1",
        "matches": [match.to_dict() for match in matches],
        "clusters": [cluster.to_dict() for cluster in clusters],
        "errors": errors,
        "standing_only": standing_only,
    }


def to_json(value: dict[str, Any], indent: int | None = None) -> str:
    """Write a JSON object as text: on one line, or indented for a person."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match.group()):04x}", text)
