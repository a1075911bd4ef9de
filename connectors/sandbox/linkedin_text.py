"""Little text as the sandbox's LinkedIn reads and writes it, apart from what the connector knows of it."""

from __future__ import annotations

import re

_RESERVED = set("|{}@[]()<>#\\*_~")
_HASHTAG = re.compile(r"#[^\W_]+")
_TEMPLATE = re.compile(r"\{hashtag\|\\#\|((?:\\.|[^\\}|])+)\}")
_MENTION = re.compile(r"@\[((?:\\.|[^\\\]])+)\]\(urn:li:(?:organization|person):[\w-]+\)")


def visible(commentary: str) -> str:
    """What a reader sees: markup resolved, and everything from the first reserved character that is none cut off."""
    seen: list[str] = []
    at = 0
    while at < len(commentary):
        character = commentary[at]
        if character not in _RESERVED:
            seen.append(character)
            at += 1
        elif character == "\\" and commentary[at + 1 : at + 2] in _RESERVED:
            seen.append(commentary[at + 1])
            at += 2
        elif character == "#" and (tag := _HASHTAG.match(commentary, at)):
            seen.append(tag[0])
            at = tag.end()
        elif character == "{" and (template := _TEMPLATE.match(commentary, at)):
            seen.append(f"#{visible(template[1])}")
            at = template.end()
        elif character == "@" and (mention := _MENTION.match(commentary, at)):
            seen.append(visible(mention[1]))
            at = mention.end()
        else:
            break
    return "".join(seen)


def written(text: str) -> str:
    """A reader's text as LinkedIn gives it back: hashtags as templates, all else that is reserved escaped."""
    parts = []
    end = 0
    for tag in re.finditer(r"#(\w+)", text):
        parts += [_escaped(text[end : tag.start()]), f"{{hashtag|\\#|{_escaped(tag[1])}}}"]
        end = tag.end()
    return "".join([*parts, _escaped(text[end:])])


def _escaped(text: str) -> str:
    return "".join(f"\\{character}" if character in _RESERVED else character for character in text)
