"""The body of a mail: HTML made from plain text, and the text that a reader sees in HTML."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

UNSUBSCRIBE = re.compile(r"unsub|opt[-_]?out", re.IGNORECASE)
_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:?)\]]")
_BREAKING = frozenset({"p", "br", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "footer", "hr"})
_HIDDEN = frozenset({"style", "script", "head", "title"})
_EMPTY = frozenset({"br", "hr", "img", "meta", "link", "input", "col", "wbr"})


def html_of(
    text: str, *, preheader: str = "", images: tuple[tuple[str, str], ...] = (), unsubscribe: str | None = None
) -> str:
    """A plain, readable HTML mail of a text: paragraphs, line breaks and links.

    `preheader` is shown by inboxes beside the subject and hidden in the mail. `images` are (address, alternative text).
    `unsubscribe` is the address or the vendor's placeholder of the unsubscribe link, None when the vendor adds its own.
    """
    paragraphs = [
        "<p>" + "<br>\n".join(_linked(line) for line in part.strip("\n").split("\n")) + "</p>"
        for part in re.split(r"\n\s*\n", text.strip())
        if part.strip()
    ]
    pictures = [f'<p><img src="{escape(url)}" alt="{escape(alt)}" width="600"></p>' for url, alt in images]
    hidden = f'<div style="display:none">{escape(preheader)}</div>' if preheader else ""
    leave = f'<p><a href="{escape(unsubscribe)}">Unsubscribe</a></p>' if unsubscribe else ""
    inner = "\n".join(part for part in (hidden, *pictures, *paragraphs, leave) if part)
    return f'<!doctype html>\n<html><head><meta charset="utf-8"></head>\n<body>\n{inner}\n</body></html>\n'


def text_of(html: str) -> str:
    """What a reader sees: no hidden parts, no unsubscribe link; line breaks kept, other spacing collapsed."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = [re.sub(r"[^\S\n]+", " ", line).strip() for line in "".join(reader.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _linked(line: str) -> str:
    """The line escaped, its web addresses as links."""
    made, end = [], 0
    for match in _LINK.finditer(line):
        address = escape(match.group())
        made += [escape(line[end : match.start()]), f'<a href="{address}">{address}</a>']
        end = match.end()
    return "".join([*made, escape(line[end:])])


class _Reader(HTMLParser):
    """Collects visible text. `_skipping` holds the elements inside a hidden one, outermost first."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._skipping: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._skipping or self._hides(tag, dict(attrs)):
            if tag not in _EMPTY:
                self._skipping.append(tag)
        elif tag == "p":
            self.parts.append("\n\n")
        elif tag in _BREAKING:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self._skipping:
            if tag in self._skipping:
                while self._skipping.pop() != tag:
                    pass
        elif tag in _BREAKING and tag != "br":
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.parts.append(data.replace("\n", " "))

    @staticmethod
    def _hides(tag: str, attributes: dict[str, str | None]) -> bool:
        style = (attributes.get("style") or "").replace(" ", "").lower()
        href = attributes.get("href") or ""
        return tag in _HIDDEN or "display:none" in style or (tag == "a" and UNSUBSCRIBE.search(href) is not None)
