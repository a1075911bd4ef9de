"""Strings that break programs which are careless with text, in the manner of the Big List of Naughty Strings."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=1)
def nasty_strings() -> tuple[str, ...]:
    """All of them; some are empty, very long, or hold characters that XML and JSON do not know."""
    data = (files("orchestration.bench.adversary") / "nasty.json").read_text(encoding="utf-8")
    return tuple(json.loads(data))
