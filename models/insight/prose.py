"""A post as sentences and words, without markup; and what stands beside them: hashtags, emoji, links.

Own posts and competitors' are read the same way. Nothing here understands a text: it is cut and counted.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

_BLOCKS = re.compile(r"```.*?```|<!--.*?-->|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINKED = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>")
_MARK = re.compile(r"[`*_]{1,3}(?=\S)|(?<=\S)[`*_]{1,3}")
_LINE = re.compile(r"^\s*(?:#{1,6}\s+|[-*+•]\s+|\d{1,2}[.)]\s+|>\s*)")
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\S+@[\w-]+(?:\.[\w-]+)+|\b[\w-]+(?:\.[\w-]+)+/\S+")
_HASHTAG = re.compile(r"(?<![\w&])#(\w*[^\W\d_]\w*)")
_MENTION = re.compile(r"(?<![\w.])@\w[\w.]*")
_WORD = re.compile(r"[^\W_]*[^\W\d_][^\W_]*(?:['’\-][^\W_]+)*")
_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[^\W_a-z])")
_SHORT = re.compile(r"(?:\b[A-Za-z]|\b(?:Mr|Mrs|Ms|Dr|Prof|St|vs|etc|e\.g|i\.e|U\.S|No|Jr|Sr|z\.B|d\.h|bzw))\.$")
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}|[\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55\u231a\u231b\u23e9-\u23f3]"
    "(?:\ufe0f|[\U0001f3fb-\U0001f3ff])?"
)
MOST_CHARACTERS = 4_000
"""Characters read of one post: enough for a long article's habits, and a bound for a book."""


@dataclass(frozen=True)
class Prose:
    """The text of one post. Each property is computed once."""

    raw: str

    @cached_property
    def lines(self) -> list[str]:
        """Its lines without markup, addresses, mentions and hashtags; tables and empty lines are left out."""
        text = unicodedata.normalize("NFC", html.unescape(self.raw[:MOST_CHARACTERS]))
        text = _TAG.sub(" ", _LINKED.sub(r"\1", _IMAGE.sub(" ", _BLOCKS.sub(" ", text))))
        text = _MENTION.sub("", _HASHTAG.sub("", _ADDRESS.sub("", text)))
        cut = [" ".join(_MARK.sub("", _LINE.sub("", line)).split()) for line in text.splitlines()]
        return [line for line in cut if _WORD.search(line) and not line.startswith(("|", "[", "layout:"))]

    @cached_property
    def sentences(self) -> list[str]:
        """Sentences of two words or more. A stop after an initial or a usual abbreviation ends none."""
        found: list[str] = []
        for line in self.lines:
            pending = ""
            for part in _END.split(line):
                pending = f"{pending} {part}".strip()
                if not _SHORT.search(pending):
                    found.append(pending)
                    pending = ""
            if pending:
                found.append(pending)
        return [sentence for sentence in found if len(_WORD.findall(sentence)) >= 2]

    @cached_property
    def words(self) -> list[str]:
        """Words as they are written, apostrophes and hyphens inside them kept."""
        return [word for line in self.lines for word in _WORD.findall(line)]

    @cached_property
    def lower(self) -> list[str]:
        return [word.lower().replace("’", "'") for word in self.words]

    @cached_property
    def hashtags(self) -> list[str]:
        return _HASHTAG.findall(html.unescape(self.raw))

    @cached_property
    def emoji(self) -> list[str]:
        return _EMOJI.findall(self.raw)

    @cached_property
    def has_link(self) -> bool:
        return _ADDRESS.search(self.raw) is not None

    def holds(self, quote: str) -> bool:
        """Whether the quotation stands word for word in the post, whatever its line breaks."""
        return one_line(quote) in self._flat

    @cached_property
    def _flat(self) -> str:
        return one_line(html.unescape(self.raw))

    def pieces(self, words: int, most: int) -> list[str]:
        """Up to `most` runs of whole sentences of about `words` words, so that long and short posts can be compared."""
        found: list[str] = []
        run: list[str] = []
        size = 0
        for sentence in self.sentences or self.lines:
            run.append(sentence)
            size += len(_WORD.findall(sentence))
            if size >= words:
                found.append(" ".join(run))
                run, size = [], 0
                if len(found) == most:
                    return found
        if run and (not found or size >= words // 2):
            found.append(" ".join(run))
        return found


@dataclass(frozen=True)
class VoicePost:
    """One post as it was published; `text` is its body, or its title where it has none. `account_id` tells impostors apart."""

    platform: str
    account_id: str
    post_id: str
    text: str
    title: str = ""
    url: str = ""

    @cached_property
    def prose(self) -> Prose:
        return Prose(self.text)

    @property
    def title_only(self) -> bool:
        """Whether nothing but its title is known, which says little of how the brand writes."""
        return self.text == self.title


def words_of(text: str) -> list[str]:
    """The words of one sentence or line."""
    return _WORD.findall(text)


def one_line(text: str) -> str:
    """The text in NFC with single spaces, the form in which quotations are compared."""
    return " ".join(unicodedata.normalize("NFC", text).split())
