"""What may come out of a text that somebody else published: closed values, counts, single words and checked quotes.

Everything here is `extra="forbid"`. Nothing has room for a sentence but `Span`, which is for people's eyes (escaped) and is
never put into a prompt.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MAX_TOPICS = 8
MAX_SPANS = 5
SPAN_LENGTH = 80
WORD_LENGTH = 24


class Format(StrEnum):
    """What kind of content it is."""

    ANNOUNCEMENT = "announcement"
    HOW_TO = "how_to"
    STORY = "story"
    OFFER = "offer"
    OPINION = "opinion"
    NEWS = "news"
    EVENT = "event"
    QUESTION = "question"
    HIRING = "hiring"
    OTHER = "other"


class Call(StrEnum):
    """What it asks its readers to do."""

    NONE = "none"
    LINK = "link"
    COMMENT = "comment"
    SHARE = "share"
    FOLLOW = "follow"
    SIGN_UP = "sign_up"
    BUY = "buy"
    DOWNLOAD = "download"
    ATTEND = "attend"
    APPLY = "apply"
    CONTACT = "contact"


class Tone(StrEnum):
    NEUTRAL = "neutral"
    INFORMATIVE = "informative"
    PROMOTIONAL = "promotional"
    PERSONAL = "personal"
    PLAYFUL = "playful"
    INSPIRING = "inspiring"
    URGENT = "urgent"
    CRITICAL = "critical"


class Language(StrEnum):
    """ISO 639-1 codes of the languages that are told apart."""

    EN = "en"
    DE = "de"
    FR = "fr"
    ES = "es"
    IT = "it"
    PT = "pt"
    NL = "nl"
    PL = "pl"
    CS = "cs"
    RO = "ro"
    HU = "hu"
    SV = "sv"
    DA = "da"
    FI = "fi"
    TR = "tr"
    EL = "el"
    RU = "ru"
    UK = "uk"
    AR = "ar"
    HE = "he"
    FA = "fa"
    HI = "hi"
    BN = "bn"
    TH = "th"
    VI = "vi"
    ID = "id"
    ZH = "zh"
    JA = "ja"
    KO = "ko"
    UNKNOWN = "unknown"


class SpanKind(StrEnum):
    PRODUCT = "product"
    EVENT = "event"
    OFFER = "offer"


class Sign(StrEnum):
    """What in a text may be meant for a machine. A sign changes no decision; it is shown to people."""

    HIDDEN = "hidden"
    """Text that a reader of the page does not see: comments, hidden elements, front matter."""
    INVISIBLE = "invisible"
    """Characters without a shape, in the middle of words."""
    DIRECTION = "direction"
    """Characters that turn the order of what is shown."""
    ENCODED = "encoded"
    """Base64, hexadecimal, percent or other codes."""
    MIXED_SCRIPT = "mixed_script"
    """Letters of two alphabets in one word."""
    INSTRUCTION = "instruction"
    """Words that tell a model what to do."""


class Fallback(StrEnum):
    """Why the rules read a text that a model had been asked to read."""

    NONE = "none"
    NO_MODEL = "no_model"
    """No model was set up, the budget or the number of calls was used up, or none answered: asked again next time."""
    REFUSED = "refused"
    MALFORMED = "malformed"
    UNFAITHFUL = "unfaithful"
    """Too much of what it answered does not stand in the text."""


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Counts(_Closed):
    """Counted by code in the visible text. A count that would be higher is the bound."""

    words: int = Field(ge=0, le=20_000)
    links: int = Field(ge=0, le=999)
    hashtags: int = Field(ge=0, le=999)
    mentions: int = Field(ge=0, le=999)
    emoji: int = Field(ge=0, le=999)
    questions: int = Field(ge=0, le=999)
    exclamations: int = Field(ge=0, le=999)


class Span(_Closed):
    """Words copied from the visible text. Shown escaped, as a quote; no prompt holds it."""

    kind: SpanKind
    text: str = Field(min_length=2, max_length=SPAN_LENGTH)


class Extract(_Closed):
    """What is kept of one text. `topics` are single lower-case words of letters; `reader` names the rules or the model.

    `dropped` counts what a model answered and the check threw away.
    """

    format: Format
    call_to_action: Call
    tone: Tone
    language: Language
    topics: tuple[Annotated[str, Field(min_length=2, max_length=WORD_LENGTH)], ...] = Field(max_length=MAX_TOPICS)
    spans: tuple[Span, ...] = Field(max_length=MAX_SPANS)
    counts: Counts
    signs: tuple[Sign, ...]
    reader: str = Field(max_length=120)
    fallback: Fallback = Fallback.NONE
    dropped: int = Field(ge=0, le=99, default=0)


class OfferedSpan(_Closed):
    kind: SpanKind
    text: str = Field(max_length=400)


class Reading(_Closed):
    """What a model is asked for. Wider than what is kept, so that one long quote costs itself and not the whole answer."""

    format: Format
    call_to_action: Call
    tone: Tone
    topics: tuple[Annotated[str, Field(max_length=100)], ...] = Field(max_length=30, default=())
    spans: tuple[OfferedSpan, ...] = Field(max_length=20, default=())
