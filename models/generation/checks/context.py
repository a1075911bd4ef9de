"""What the checks of a draft may know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from models.domain.brand import BrandProfile
from models.domain.evidence import Fact
from models.generation.checks.fingerprint import Fingerprint


@dataclass(frozen=True)
class Near:
    """A text that a search index finds close: what it is called, and how close (0 to 1, 1 is the same)."""

    title: str
    closeness: float


@dataclass(frozen=True)
class Checks:
    """The context of one workspace. Texts of competitors come as fingerprints only, never as words.

    `language` is the ISO 639-1 code drafts are wanted in, empty for any. `own` and `rivals` are fingerprints by title.
    `facts` are those a draft may state; `said` are words of the workspace's own people that may stand as they are
    (campaign names, planned dates). `nearest` asks a search index by meaning, where there is one.
    """

    brand: BrandProfile
    language: str = ""
    own: tuple[tuple[str, Fingerprint], ...] = ()
    rivals: tuple[tuple[str, Fingerprint], ...] = ()
    facts: tuple[Fact, ...] = ()
    said: tuple[str, ...] = ()
    nearest: Callable[[str], Sequence[Near]] | None = field(default=None, compare=False)
