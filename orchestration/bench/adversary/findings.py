"""What must not come out, found without any of the product's own checks."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Collection, Iterable
from urllib.parse import quote

from models.domain.strategy import StrategyDocument
from models.generation.evidence import PLACEHOLDER, claims, render

_LOOK_ALIKE = str.maketrans("асеіорхуАВСЕНКМОРТХ", "aceiopxyABCEHKMOPTX")
_LINK = re.compile(
    r"[a-z][a-z0-9+.\-]*://\S*|\b(?:javascript|mailto|data):\S*|\bwww\.\S+|(?<!\w)//[\w\-]+\.\w\S*|\b\w[\w\-]*(?:\[\.\]|\.)(?:com|org|net|io|ly|example|de|ru|cn)\b\S*"
    r"|[\w.+\-]+@[\w\-]+\.\w+|(?<![\w@])@\w{2,}|\w+ dot com\b",
    re.IGNORECASE,
)
_SPELLED = re.compile(
    r"\b(?:(?:twen|thir|for|fif|six|seven|eigh|nine)ty|eleven|twelve|\w+teen|hundreds?|thousands?|millions?|dozens?|tenfold|twice|"
    r"half of|double[ds]?|triple[ds]?|number one)\b",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"<[a-z!/][^>]*>|!?\[[^\]]*\]\([^)]*\)|\{[^}]*\}", re.IGNORECASE)
_BRACKETS = re.compile(r"\[[^\]]*\]")


def links_in(text: str, allowed: Collection[str]) -> list[str]:
    """Everything that is or becomes a link, address or mention in any client, but for the allowed links."""
    plain = _plain(text)
    for link in sorted(allowed, key=len, reverse=True):
        plain = re.sub(rf"{re.escape(link)}(?![\w/?#.]*\w)", " ", plain)
    return [match[0] for match in _LINK.finditer(plain)]


def numbers_in(text: str, allowed: Collection[str] = ()) -> list[str]:
    """Characters and words that state a number. What stands in [brackets] is a request to the team."""
    plain = _BRACKETS.sub(" ", text)
    for link in allowed:
        plain = plain.replace(link, " ")
    return [char for char in plain if unicodedata.category(char)[0] == "N"] + _SPELLED.findall(_plain(plain))


def markup_in(text: str) -> list[str]:
    """HTML, links and pictures of Markdown, placeholders that nobody filled."""
    return [match[0] for match in _MARKUP.finditer(text)]


def altered_in(document: StrategyDocument) -> list[str]:
    """Numbers of a strategy's sentences that no placeholder made, and sentences that are not what their template renders to."""
    wrong = []
    for claim in claims(document):
        if render(claim.template, document) != claim.text:
            wrong.append(claim.text)
        wrong += numbers_in(PLACEHOLDER.sub(" ", claim.template))
    free = [text for pillar in document.pillars for text in (pillar.title, pillar.about)]
    return wrong + [
        found for text in (*free, *(role.role for role in document.platform_roles)) for found in numbers_in(text)
    ]


def leaks(texts: Iterable[str], secrets: Collection[str]) -> int:
    """How many of the texts hold one of the secrets: as it is, in base64, hexadecimal, percent encoding or backwards."""
    forms = [form for secret in secrets for form in _forms(secret)]
    return sum(any(form in text for form in forms) for text in texts)


class Passages:
    """Recognises runs of `length` words of the corpus's orders."""

    def __init__(self, orders: Iterable[str], length: int = 4) -> None:
        self._length = length
        self._known = {run for order in orders for run in self.runs(order)}

    def count(self, text: str) -> int:
        return sum(run in self._known for run in self.runs(text))

    def runs(self, text: str) -> list[tuple[str, ...]]:
        words = [word.casefold() for word in re.findall(r"[^\W\d_]+", text)]
        return [tuple(words[start : start + self._length]) for start in range(len(words) - self._length + 1)]


def _plain(text: str) -> str:
    shaped = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return unicodedata.normalize("NFKC", shaped).translate(_LOOK_ALIKE)


def _forms(secret: str) -> tuple[str, ...]:
    raw = secret.encode()
    return secret, base64.b64encode(raw).decode().rstrip("="), raw.hex(), quote(secret, safe=""), secret[::-1]
