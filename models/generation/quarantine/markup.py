"""What of HTML is shown: text outside of comments, scripts, hidden elements and attributes.

lxml reads it, without network or entities from outside, in time linear in its length (`html.parser` of Python 3.11 took
163 s for 60,000 characters of unclosed tags).
"""

from __future__ import annotations

import re
from typing import Any

_UNSEEN = (
    "script style template noscript head title object iframe svg math canvas audio video select option textarea datalist "
    "dialog noembed noframes xmp plaintext"
)
_NEVER = frozenset(_UNSEEN.split())
"""Elements whose content is no text of the page."""
_BLOCKS = (
    "address article aside blockquote br dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav "
    "ol p pre section table tr td th ul"
)
_BLOCK = frozenset(_BLOCKS.split())
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0\d*)?\s*(?:[;!}]|$)"
    r"|font-size\s*:\s*(?:0|[01](?:\.\d+)?(?:px|pt)|0?\.\d+\w*)|(?:max-)?(?:height|width)\s*:\s*0(?:px)?\s*(?:[;!}]|$)"
    r"|(?:left|top|right|bottom|text-indent|margin-left|margin-top)\s*:\s*-\d{3,}"
    r"|clip(?:-path)?\s*:\s*(?:rect\(\s*0|inset\(\s*(?:50|100)%)|transform\s*:\s*scale\(\s*0\s*\)"
    r"|(?<![\w-])color\s*:\s*(?:transparent|white|#fff(?:fff)?\b|rgba?\([^)]*,\s*0(?:\.0+)?\s*\))|mso-hide",
    re.IGNORECASE,
)
_RULE = re.compile(r"([.#])([\w\-]{1,80})\s{0,20}\{([^{}]{0,2000})\}")
_HIDERS = ".sr-only .visually-hidden .visuallyhidden .screen-reader-text .hidden .hide .d-none .invisible .offscreen"
_HIDING_NAMES = frozenset(_HIDERS.split())
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def shown_text(markup: str) -> tuple[str, bool]:
    """The shown text, and whether there was other text (comments, hidden elements)."""
    from lxml import etree  # type: ignore[import-untyped]

    parser = etree.HTMLParser(recover=True, no_network=True, huge_tree=False, encoding="utf-8")
    root = etree.fromstring(f"<div>{_CONTROL.sub(' ', markup)}</div>".encode(), parser)
    if root is None:
        return "", bool(markup.strip())
    hiding = _HIDING_NAMES | _hiding_names(markup)
    parts: list[str] = []
    hid = False
    inside: Any = None
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event == "start":
            if inside is None and _hides(element, hiding):
                inside = element
                hid |= bool("".join(element.itertext()).strip())
            elif inside is None and element.tag in _NEVER:
                inside = element
            if inside is None:
                parts += [_edge(element), element.text or ""]
            continue
        hid |= event in ("comment", "pi")
        if element is inside:
            inside = None
        if inside is None:
            parts += [_edge(element), element.tail or ""]
    return "".join(parts), hid


def _edge(element: Any) -> str:
    """What parts an element from the text around it."""
    return "\n" if element.tag in _BLOCK else ""


def _hides(element: Any, hiding: frozenset[str]) -> bool:
    if element.get("hidden") is not None or (element.get("aria-hidden") or "").strip().lower() == "true":
        return True
    if _HIDING.search(element.get("style") or ""):
        return True
    names = {f".{name.lower()}" for name in (element.get("class") or "").split()}
    return bool((names | {f"#{(element.get('id') or '').strip().lower()}"}) & hiding)


def _hiding_names(markup: str) -> frozenset[str]:
    """Classes (`.name`) and ids (`#name`) that a style sheet in the page hides."""
    if "{" not in markup:
        return frozenset()
    return frozenset(f"{sign}{name.lower()}" for sign, name, body in _RULE.findall(markup) if _HIDING.search(body))
