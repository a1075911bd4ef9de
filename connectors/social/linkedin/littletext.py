"""LinkedIn's little text format, in which a post's `commentary` is written.

`| { } @ [ ] ( ) < > # \\ * _ ~` are markup: each must stand behind a backslash, or LinkedIn cuts the text silently at the
first one it cannot read (learn.microsoft.com, community-management/shares/little-text-format). `#tag` stays as it is, so
that it is a hashtag; a tag with an underscore needs the template `{hashtag|\\#|a\\_b}`.
"""

from __future__ import annotations

import re

RESERVED = "|{}@[]()<>#\\*_~"
_HASHTAG = re.compile(r"(?<![\w#&/])#(?=\w*[^\W\d_])(\w+)")
_RESERVED = re.compile(f"[{re.escape(RESERVED)}]")
_MARKUP = re.compile(
    r"\{hashtag\|\\?[#＃]\|(?P<tag>(?:\\.|[^}\\])*)\}"
    r"|@\[(?P<name>(?:\\.|[^\]\\])*)\]\(urn:li:[^)]*\)"
    r"|\\(?P<escaped>[" + re.escape(RESERVED) + r"])"
)


def escape(text: str) -> str:
    """The commentary that a reader sees as `text`."""
    parts: list[str] = []
    end = 0
    for found in _HASHTAG.finditer(text):
        parts += [_escaped(text[end : found.start()]), _tag(found[1])]
        end = found.end()
    return "".join([*parts, _escaped(text[end:])])


def plain(commentary: str) -> str:
    """What a reader sees of a commentary that LinkedIn gives back: escapes, hashtags and mentions resolved."""
    return _MARKUP.sub(_seen, commentary)


def _escaped(text: str) -> str:
    return _RESERVED.sub(lambda found: f"\\{found[0]}", text)


def _tag(name: str) -> str:
    return f"{{hashtag|\\#|{_escaped(name)}}}" if "_" in name else f"#{name}"


def _seen(found: re.Match[str]) -> str:
    if found["escaped"] is not None:
        return found["escaped"]
    if found["tag"] is not None:
        return f"#{plain(found['tag'])}"
    return plain(found["name"])
