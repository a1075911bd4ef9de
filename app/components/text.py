"""Foreign text made safe to show: posts, briefs, names and notes may hold anything.

Rule of the house: data goes through `plain` wherever Streamlit reads Markdown (labels, captions, badges, help) and
through `html.escape` in `block`; nothing else builds HTML from data.
"""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$^=&])")
_SPECIAL = re.compile(r"(:(?=[A-Za-z+\-/])|@|www(?=\.))")
_CONTROL = re.compile(r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]")
_WORD_JOINER = "\u2060"


def plain(text: str | None) -> str:
    """One line of Markdown that renders as exactly this text: no links, directives, icons or HTML.

    Backslashes stop Markdown; an invisible word joiner stops what Streamlit finds in the finished text (`:icon:`,
    addresses).
    """
    line = " ".join(without_controls(text or "").split())
    return _MARKDOWN.sub(r"\\\1", _SPECIAL.sub(rf"\1{_WORD_JOINER}", line))


def without_controls(text: str) -> str:
    """The text without control and direction-override characters, which can disguise what is written."""
    return _CONTROL.sub("", text)


def excerpt(text: str | None, length: int = 90) -> str:
    """The first `length` characters on one line, cut at a word."""
    line = " ".join(without_controls(text or "").split())
    if len(line) <= length:
        return line
    cut = line[:length].rsplit(" ", 1)[0] or line[:length]
    return cut.rstrip(" ,.;:–-") + "…"


def headline(title: str | None, body: str | None, length: int = 90) -> str:
    """What a post is called in a list: its title, else the start of its text, else that it has none."""
    return excerpt(title, length) or excerpt(body, length) or "(no text)"


def capitalised(text: str) -> str:
    """With a capital first letter, for topics that stand alone."""
    return text[:1].upper() + text[1:]


def first_sentence(text: str) -> tuple[str, str]:
    """The first sentence and what follows it. A full stop inside a number or before a small letter ends nothing."""
    found = re.search(r"[.?!](?=\s+[A-Z“])", text)
    return (text, "") if found is None else (text[: found.end()], text[found.end() :].strip())


def block(text: str, css_class: str) -> str:
    """The text as one HTML element, escaped, line breaks kept by the class's `white-space`."""
    return f'<div class="{html.escape(css_class, quote=True)}">{html.escape(without_controls(text))}</div>'


def base_name(name: str, length: int = 120) -> str:
    """The name of an uploaded file as one that is safe to create: no folders, no control characters, not hidden, bounded."""
    last = re.split(r"[\\/]", without_controls(name))[-1].replace(":", "_").strip().lstrip(".")
    stem, dot, suffix = last.rpartition(".")
    if not dot:
        return last.encode()[:length].decode(errors="ignore") or "file"
    suffix = suffix[:10]
    return f"{stem.encode()[: length - len(suffix.encode()) - 1].decode(errors='ignore') or 'file'}.{suffix}"


def safe_url(url: str | None) -> str | None:
    """The address if it is an absolute http(s) one, else nothing: no `javascript:` behind a link."""
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return url.strip() if parts.scheme in {"http", "https"} and parts.netloc else None
