"""Studies of a brand: what it says of itself and how it writes, from its site and the published marts.

Each study is made from texts whose digest is kept with it, so an unchanged brand costs reading its posts and nothing more.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.warehouse.voices import other_posts, own_posts, post_sources
from models.domain.brand_study import BrandStudy, StudyKind
from models.domain.site import BrandSource
from models.domain.workspace import SYSTEM, Workspace
from models.errors import ImportRefused, InvalidInput
from models.insight.business_profile import WRITER, study_business
from models.insight.prose import VoicePost
from models.insight.voice_profile import METHOD, MOST_OTHERS, MOST_OWN, study_voice
from models.services import brand, onboarding
from orchestration.progress import Log, silent
from orchestration.resources import Stores

if TYPE_CHECKING:
    from models.domain.ai import Tier
    from models.ports import TextGenerator

MOST_POSTS_QUOTED = 400


@dataclass(frozen=True)
class StudyReport:
    """The newest versions; `changed` names the kinds that got a new one. `notes` say what could not be read."""

    business: BrandStudy
    voice: BrandStudy
    changed: tuple[str, ...]
    notes: tuple[str, ...]


def study_brand(
    stores: Stores, workspace_id: str, *, site: str | None = None, generator: TextGenerator | None = None,
    tier: Tier | None = None, log: Log = silent,
) -> StudyReport:  # fmt: skip
    """Studies the brand and stores what differs from the newest versions. Raises `NothingServed` before the first build.

    `site` is the start page, kept for later studies; without one the kept site is read again. Raises `ImportRefused` when a given
    site cannot be read; a kept one that cannot leaves a note, and what it said before stands. A generator writes the profile where one is given.
    """
    with stores.open_store() as store, store.unit_of_work() as uow:
        workspace = onboarding.get_workspace(uow, SYSTEM, workspace_id)
        before = {kind: brand.latest_study(uow, SYSTEM, workspace_id, kind) for kind in StudyKind}
        known = brand.brand_site(uow, SYSTEM, workspace_id)
    with stores.reader.open(workspace_id) as version:
        own, newest, oldest = own_posts(version, MOST_OWN)
        others = other_posts(version, MOST_OTHERS)
    log(f"{workspace_id}: {len(own)} own posts, {len(others)} of competitors")
    pages, notes = _site(stores, site, known, log)
    if site is not None and site != known:
        with stores.open_store() as store, store.unit_of_work() as uow:
            brand.set_brand_site(uow, SYSTEM, workspace_id, site, now=stores.now())
    business = before[StudyKind.BUSINESS]
    if business is None or pages is not None:
        business = _business(stores, workspace, pages or (), own, business, generator, tier)
    digest = _digest(
        METHOD, [(p.platform, p.post_id, p.text) for p in own], [(p.platform, p.account_id, p.text) for p in others]
    )
    voice = before[StudyKind.VOICE]
    if voice is None or voice.input_hash != digest:
        profile = study_voice(workspace_id, own, others, newest=newest, oldest=oldest)
        with stores.open_store() as store, store.unit_of_work() as uow:
            voice = brand.save_study(uow, SYSTEM, workspace_id, profile, input_hash=digest, now=stores.now())
    made = (business, voice)
    changed = tuple(s.kind.value for s in made if (old := before[s.kind]) is None or old.id != s.id)
    return StudyReport(business, voice, changed, tuple(notes))


def _business(
    stores: Stores, workspace: Workspace, pages: Sequence[BrandSource], own: Sequence[VoicePost], before: BrandStudy | None,
    generator: TextGenerator | None, tier: Tier | None,
) -> BrandStudy:  # fmt: skip
    from models.domain.ai import Tier as Tiers
    from models.generation.profile_writing import profile_request, write_profile

    sources = [*pages, *post_sources(list(reversed(own)))[:MOST_POSTS_QUOTED]]
    asked = profile_request(workspace.name, sources, tier or Tiers.STANDARD).input_hash if generator is not None else ""
    digest = _digest(WRITER, asked, workspace.name, [(s.id, s.parts, s.links, s.languages) for s in sources])
    if before is not None and before.input_hash == digest:
        return before
    profile = study_business(workspace.id, workspace.name, sources)
    if generator is not None:
        profile = write_profile(profile, workspace.name, sources, generator, tier=tier or Tiers.STANDARD)
    with stores.open_store() as store, store.unit_of_work() as uow:
        return brand.save_study(uow, SYSTEM, workspace.id, profile, input_hash=digest, now=stores.now())


def _site(stores: Stores, given: str | None, known: str, log: Log) -> tuple[Sequence[BrandSource] | None, list[str]]:
    """The pages of the site, none without one, None when a kept one cannot be read; with a note for what could not."""
    from connectors.addresses import is_allowed
    from connectors.brand.site import read_site
    from connectors.competitors.fetching import WebFetcher
    from connectors.competitors.pace import Pace
    from connectors.guard import LOCAL, PUBLIC

    site = given or known
    if not site:
        return (), []
    in_sandbox = site.startswith(f"{stores.sandbox_address}/")
    log(f"Reading {site}")
    try:
        if not (in_sandbox or is_allowed(site)):
            raise InvalidInput(
                f"{site} is no public web address: give one that starts with https:// and names a public host."
            )
        found = read_site(site, WebFetcher(LOCAL if in_sandbox else PUBLIC), pace=Pace(), now=stores.now())
    except (ImportRefused, InvalidInput) as refused:
        if given is not None:
            raise
        return None, [f"{refused} What the brand was found to say of itself stays."]
    return found.sources, list(found.notes)


def _digest(*parts: Any) -> str:
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
