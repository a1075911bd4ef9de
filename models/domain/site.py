"""What a brand's own pages and posts hold, taken apart: the sources that a profile may quote."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BrandSource:
    """One page or post of the brand. `parts` are (where it stands, text); a quotation is from one part.

    `id` is a web address, or `platform/post id`. `links` are addresses elsewhere; `names` what structured data calls the
    organisation; `languages` codes as in BCP 47.
    """

    id: str
    parts: tuple[tuple[str, str], ...]
    links: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    page: bool = True
