"""Styled letters of posts (𝗯𝗼𝗹𝗱, Ⓒⓘⓡⓒⓛⓔⓓ, ｗｉｄｅ) as plain ones, so that words can be counted and searched.

Unicode's compatibility form (NFKC) is applied to those characters alone: applied to all of a text it would also rewrite
…, ™, ½ and ligatures, which the brand wrote on purpose.
"""

from __future__ import annotations

import re
import unicodedata

_STYLED = re.compile(
    "["
    "\U0001d400-\U0001d7ff"  # mathematical alphanumeric symbols
    "\u24b6-\u24e9\U0001f130-\U0001f149\U0001f150-\U0001f169\U0001f170-\U0001f189"  # circled and squared letters
    "\uff01-\uff5e"  # full width
    "\u2102\u210a-\u2113\u2115\u2119-\u211d\u2124\u2128\u212c\u212d\u212f-\u2131\u2133\u2134"  # letterlike holes
    "]"
)
_SQUARED = {0x1F150: "A", 0x1F170: "A"}
"""Negative circled and squared letters have no compatibility form; they run from A."""


def plain_letters(text: str) -> str:
    """The text with styled letters and digits written plainly; everything else as it is."""
    return _STYLED.sub(lambda match: _plain(match[0]), text) if not text.isascii() else text


def _plain(letter: str) -> str:
    for start, first in _SQUARED.items():
        if start <= ord(letter) < start + 26:
            return chr(ord(first) + ord(letter) - start)
    return unicodedata.normalize("NFKC", letter)
