"""What no text for the public may hold, whoever wrote it: numbers nobody observed, links off the list, markup."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

from models.generation.grounding.draft import check_copy
from models.generation.x_length import link_spans

_SCHEME = re.compile(
    r"\b[a-z][a-z0-9+.-]*://\S+|\bwww\.\S+|\bmailto:\S+|\bjavascript:"
    r"|\w+ ?(?:\[\.\]|\(\.\)|\[dot\]|\(dot\)) ?\w+|\w+ dot (?:com|org|net|io|example)\b",
    re.IGNORECASE,
)
"""Links, also those that are written so that a program does not see them."""
_BARE = re.compile(
    r"(?<!\w)//[\w-]+\.\w\S*|\b[\w-]+(?:\.[\w-]+)+/\S*|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b[\w-]+\.(?:example|test|invalid|onion)\b"
)
"""Addresses without a scheme, whatever their ending, and of mail."""
_MARKUP = re.compile(r"<[a-z!/][^>]*>|!?\[[^\]]*\]\([^)]*\)|[{}]", re.IGNORECASE)
"""HTML, Markdown's links, and braces: placeholders that nobody filled, or code."""
_MENTION = re.compile(r"(?<![\w@])@[A-Za-z0-9_]{2,}")


def refused(text: str, *, links: Collection[str], said: Iterable[str] = ()) -> list[str]:
    """Why the text may not stand, in words; an empty list when it may. Text in [brackets] is a request to the team.

    `said` are words that may stand as they are: the name of the pillar, what the brand says of itself (`grounding.draft.own_words`).
    """
    wrong = [problem.reason for problem in check_copy(text, said=said)]
    foreign = foreign_links(text, links)
    wrong += [f"the link {link[:60]!r} is not on the list" for link in dict.fromkeys(foreign)]
    wrong += ["it holds markup"] if _MARKUP.search(text) else []
    wrong += [f"it mentions {mention!r}" for mention in mentions(text)[:1]]
    wrong += ["it holds a control character"] if any(not c.isprintable() and c not in "\n\t" for c in text) else []
    return wrong


def foreign_links(text: str, links: Collection[str] = ()) -> list[str]:
    """Links and addresses in a text that are not among `links`, disguised ones included."""
    plain, allowed = unicodedata.normalize("NFKC", text), {unicodedata.normalize("NFKC", link) for link in links}
    found = [plain[start:end] for start, end in link_spans(plain)] + [match[0] for match in _SCHEME.finditer(plain)]
    foreign = [link for link in found if link.rstrip(".,;:!?)") not in allowed]
    for link in sorted(allowed, key=len, reverse=True):
        plain = plain.replace(link, " ")
    return foreign + [match[0] for match in _BARE.finditer(plain)]


def mentions(text: str) -> list[str]:
    """Names of accounts with an @ before them."""
    return _MENTION.findall(text)
