"""What was found out about a brand: what it says of itself, and how it writes, each statement with its quotation.

Pydantic models with `extra="forbid"`: they are stored as they are, and a language model may fill the same shapes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class StudyKind(StrEnum):
    BUSINESS = "business"
    VOICE = "voice"


class StatementKind(StrEnum):
    """What a statement is about."""

    NAME = "name"
    WHAT = "what"
    OFFER = "offer"
    AUDIENCE = "audience"
    POSITIONING = "positioning"
    PLACE = "place"

    @property
    def label(self) -> str:
        """As a heading, e.g. `What it offers`."""
        words = {
            "name": "its name", "what": "what it is", "offer": "what it offers", "audience": "whom it is for",
            "positioning": "what sets it apart", "place": "where it is",
        }[self.value]  # fmt: skip
        return words[:1].upper() + words[1:]

    @property
    def missing(self) -> str:
        """What a profile says of a kind without a statement."""
        return f"Not found: {self.label[:1].lower()}{self.label[1:]}."


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Statement(_Frozen):
    """One thing the brand says of itself. `quote` stands word for word at `source`, a web address or a post's id.

    `text` is the quotation, or what a model made of it; `where` says in which part of the source it stands.
    """

    kind: StatementKind
    text: str
    quote: str
    source: str
    where: str


class BusinessProfile(_Frozen):
    """What the brand says of itself on its pages and in its posts; what was not found is in `missing`, in words.

    `languages` are codes as in BCP 47; `links` addresses of the brand's own profiles and pages elsewhere; `sources` the
    addresses that were read, or the number of posts in words.
    """

    workspace_id: str
    writer: str
    statements: tuple[Statement, ...]
    keyphrases: tuple[str, ...]
    links: tuple[str, ...]
    languages: tuple[str, ...]
    sources: tuple[str, ...]
    missing: tuple[str, ...]

    def of(self, kind: StatementKind) -> tuple[Statement, ...]:
        """The statements about one thing, in their order."""
        return tuple(statement for statement in self.statements if statement.kind is kind)


class Trait(_Frozen):
    """One habit of writing. `value` is a number in `unit` (share, words, per_post, ratio), None when nothing can be said.

    `n` is the number of posts, or of sentences where `unit` is words, behind it; `background` the same for competitors.
    `examples` are the brand's own words.
    """

    id: str
    name: str
    value: float | None
    unit: str
    n: int
    spread: float | None = None
    background: float | None = None
    examples: tuple[str, ...] = ()
    note: str = ""


class Habit(_Frozen):
    """What the posts of one platform look like. Shares are of posts; lengths are medians in words."""

    platform: str
    posts: int
    words: float
    with_emoji: float
    with_hashtag: float
    hashtags_median: float
    with_link: float
    with_question: float
    top_hashtags: tuple[str, ...] = ()
    top_emoji: tuple[str, ...] = ()


class Phrase(_Frozen):
    """A word or phrase that the brand uses more than others. `ratio` is how many times more often a post holds it."""

    text: str
    posts: int
    ratio: float | None


class VoiceFit(_Frozen):
    """How well the score tells the brand's posts from those of others, on posts it had not seen.

    Areas under the ROC curve (0.5 is chance, 1 is perfect): `single` one piece of a post (some 80 words at most), `five` the
    mean of five, `masked` one piece with its topic words masked. `other_posts` counts pieces. `model` is the scorer, packed.
    """

    own_posts: int
    other_posts: int
    other_accounts: int
    single: float
    five: float | None
    masked: float
    model: str


class VoiceProfile(_Frozen):
    """How the brand writes, from its newest posts. `fit` is None when `no_score` says why a text cannot be scored."""

    workspace_id: str
    method: str
    posts: int
    newest: datetime | None
    oldest: datetime | None
    language: str
    traits: tuple[Trait, ...]
    habits: tuple[Habit, ...]
    typical_words: tuple[Phrase, ...]
    openings: tuple[Phrase, ...]
    endings: tuple[Phrase, ...]
    dos: tuple[str, ...]
    donts: tuple[str, ...]
    fit: VoiceFit | None
    no_score: str

    def trait(self, trait_id: str) -> Trait | None:
        return next((trait for trait in self.traits if trait.id == trait_id), None)


Document = BusinessProfile | VoiceProfile


@dataclass(frozen=True)
class BrandStudy:
    """A stored version. Versions count from 1 per kind; `input_hash` is a digest of all that it was made from."""

    id: str
    workspace_id: str
    kind: StudyKind
    version: int
    at: datetime
    by: str
    input_hash: str
    document: Document
