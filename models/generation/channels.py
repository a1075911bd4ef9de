"""Platform roles: what each channel is for, from how much goes there and what it achieves on its own scale.

Counts and rates mean different things on different platforms, so no channel is called better than another by them; only
the brand's own effort (posts a week) is compared.
"""

from __future__ import annotations

from models.domain.snapshot import FormatFacts, PlatformFacts, Snapshot
from models.domain.social import Platform
from models.domain.strategy import PlatformRole
from models.generation.estimate import critical, standing
from models.generation.evidence import claim, known
from models.generation.rules import RULES
from models.generation.wording import clean_words, has_number, phrase
from models.metrics.registry import registry

REGULAR_SHARE = 0.15
"""Part of the brand's output from which a channel that is not the main one counts as regular."""
MAIN_LEAD = 1.1
"""How many times the next channel's posts a week make a channel the main one; closer ones are both regular."""


def own_platforms(snapshot: Snapshot) -> tuple[PlatformFacts, ...]:
    """The brand's platforms, the busiest first, each once."""
    unique = {facts.platform: facts for facts in reversed(snapshot.platforms)}
    return tuple(sorted(unique.values(), key=lambda f: (-(known(f.posts_per_week) or -1.0), f.platform)))


def write_roles(snapshot: Snapshot) -> tuple[PlatformRole, ...]:
    """One role per platform, the busiest platform first."""
    platforms = own_platforms(snapshot)
    paces = [known(facts.posts_per_week) for facts in platforms]
    return tuple(
        _role(facts, _rank(index, paces), len(platforms), best_format(snapshot, facts.platform))
        for index, facts in enumerate(platforms)
    )


def best_format(snapshot: Snapshot, platform: Platform) -> FormatFacts | None:
    """The platform's format whose posts stand clearly above the middle, if one does and others exist beside it."""
    formats = [f for f in snapshot.formats if f.platform is platform and clean_words(f.content_type)]
    if len(formats) < 2:
        return None
    z = critical(RULES.slot_error, len(formats))
    found = []
    for facts in formats:
        n, percentile = known(facts.posts_measured), known(facts.percentile)
        if n is None or percentile is None or n < RULES.format_min_posts or has_number(facts.content_type):
            continue
        if standing(percentile, n, z) == "above":
            found.append((-percentile, clean_words(facts.content_type), facts))
    return min(found, key=lambda item: item[:2])[2] if found else None


def rate_name(rate_id: str | None) -> str:
    """A registry rate's name inside a sentence; plain "engagement rate" for one the registry does not know."""
    rate = registry().rates.get(rate_id or "")
    return rate.name.lower() if rate is not None else "engagement rate"


def _rank(index: int, paces: list[float | None]) -> str:
    """The channel's place in the brand's effort; `paces` falls, with unknown ones last."""
    pace, total = paces[index], sum(pace for pace in paces if pace is not None)
    if not pace:
        return "unknown" if pace is None else "side"
    following = paces[1] if len(paces) > 1 else None
    if index == 0 and pace >= MAIN_LEAD * (following or 0.0):
        return "main"
    return "regular" if pace / total >= REGULAR_SHARE else "side"


def _role(facts: PlatformFacts, rank: str, channels: int, best: FormatFacts | None) -> PlatformRole:
    given = {"pace": facts.posts_per_week.id, "median": facts.median_engagements.id}
    if facts.rate is not None:
        given["rate"] = facts.rate.id
    effort = "roles.only" if rank == "main" and channels == 1 else f"roles.share_{rank}"
    median, rate = known(facts.median_engagements) is not None, known(facts.rate) is not None
    result = {(True, True): "median_rate", (True, False): "median", (False, True): "rate"}.get(
        (median, rate), "unmeasured"
    )
    sentences = [phrase(effort, given), phrase(f"roles.{result}", given, rate=rate_name(facts.rate_id))]
    if best is not None:
        found = {"percentile": best.percentile.id, "measured": best.posts_measured.id}
        sentences.append(phrase("roles.format", found, format=clean_words(best.content_type)))
    role = f"{phrase(f'roles.{rank}')}: {phrase(f'roles.{facts.platform.value}')}"
    return PlatformRole(platform=facts.platform, role=role, rationale=claim(*sentences, also=tuple(given.values())))
