"""Does the draft link only where the brand profile says it may?"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from models.generation.checks.context import Checks
from models.generation.x_length import link_spans

_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+|\bwww\.\S+|\b(?:mailto|tel|javascript|data):\S+", re.IGNORECASE)
_TRAILING = ".,;:!?)]}>\"'”’"


def links(text: str, context: Checks) -> str:
    """The links that are not on the profile's list. Case of the host and a closing slash make no difference."""
    allowed = {_plain(link) for link in context.brand.links}
    found = [text[start:end] for start, end in link_spans(text)] + [match[0] for match in _ADDRESS.finditer(text)]
    foreign = [link for link in dict.fromkeys(link.rstrip(_TRAILING) for link in found) if _plain(link) not in allowed]
    foreign = [link for link in foreign if not any(link != other and link in other for other in foreign)]
    if not foreign:
        return ""
    shown = ", ".join(link[:80] for link in foreign[:3])
    return f"Not on the brand profile's list of links: {shown}. Take it out, or have the link added to the profile."


def _plain(link: str) -> str:
    bare = link.strip()
    parts = urlsplit(bare if "://" in bare else f"https://{bare}")
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}{parts.path.rstrip('/')}{query}"
