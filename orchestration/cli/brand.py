"""`fabric brand`: what is known of the brand, from its site and posts, and what people say of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from models.errors import InvalidInput, NotFound
from orchestration.cli import context
from orchestration.cli.output import JsonFlag, emit_json, note

app = typer.Typer(help="Study the brand and say what it stands for.", no_args_is_help=True)
_Workspace = Annotated[str, typer.Option("--workspace", "-w", help="Workspace of the brand.")]


@app.command()
def study(
    workspace: _Workspace,
    site: Annotated[
        str | None, typer.Option(help="Start page of the brand's site; remembered for later studies.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Read the brand's site and posts anew. Example: fabric brand study --workspace natgeo --site https://natgeo.example/"""
    from orchestration.models import text_generator
    from orchestration.studying import study_brand

    context.workspace(workspace)
    stores = context.stores()
    with stores.open_store() as store:
        generator = text_generator(stores, store, workspace)
        report = study_brand(stores, workspace, site=site, generator=generator, log=note)
    for sentence in report.notes:
        note(sentence)
    if as_json:
        emit_json(_plain(report.business, report.voice) | {"changed": report.changed, "notes": report.notes})
        return
    typer.echo(
        f"{workspace}: business profile version {report.business.version}, voice profile version {report.voice.version}; "
        f"new: {', '.join(report.changed) or 'nothing'}"
    )
    note(f"Next: fabric brand show --workspace {workspace}")


@app.command()
def show(workspace: _Workspace, as_json: JsonFlag = False) -> None:
    """Show what is known of the brand, each statement with its quotation. Example: fabric brand show -w natgeo"""
    from models.domain.brand_study import StudyKind
    from models.domain.workspace import SYSTEM
    from models.services import brand, onboarding

    with context.store().unit_of_work() as uow:
        stated = onboarding.get_brand_profile(uow, SYSTEM, workspace)
        business = brand.latest_study(uow, SYSTEM, workspace, StudyKind.BUSINESS)
        voice = brand.latest_study(uow, SYSTEM, workspace, StudyKind.VOICE)
    if business is None or voice is None:
        raise NotFound(f"The brand of {workspace} was not studied yet: run fabric brand study --workspace {workspace}.")
    if as_json:
        emit_json({"stated": stated, **_plain(business, voice)})
        return
    for line in _told(business, voice):
        typer.echo(line)


@app.command("set")
def set_profile(
    workspace: _Workspace,
    description: Annotated[str | None, typer.Option(help="What the brand is, in its own words.")] = None,
    audience: Annotated[str | None, typer.Option(help="Whom it speaks to.")] = None,
    tone: Annotated[str | None, typer.Option(help="How it sounds, e.g. warm, plain.")] = None,
    link: Annotated[list[str] | None, typer.Option(help="An address that drafts may use; may be repeated.")] = None,
    ban: Annotated[list[str] | None, typer.Option(help="A phrase that no draft may hold; may be repeated.")] = None,
    require: Annotated[list[str] | None, typer.Option(help="A phrase that drafts must hold; may be repeated.")] = None,
) -> None:
    """Say what the brand stands for; what is left out stays, an empty text clears. Example: fabric brand set -w natgeo --tone "warm, plain" """
    from models.domain.workspace import SYSTEM
    from models.services import onboarding

    if all(value is None for value in (description, audience, tone, link, ban, require)):
        raise InvalidInput(
            "Nothing was said about the brand: give at least one of --description, --audience, --tone, --link, --ban, "
            "--require."
        )
    with context.store().unit_of_work() as uow:
        before = onboarding.get_brand_profile(uow, SYSTEM, workspace)
        after = replace(
            before,
            description=before.description if description is None else description,
            audience=before.audience if audience is None else audience,
            tone=before.tone if tone is None else tone,
            links=before.links if link is None else _said(link),
            banned_phrases=before.banned_phrases if ban is None else _said(ban),
            required_phrases=before.required_phrases if require is None else _said(require),
        )
        onboarding.set_brand_profile(uow, SYSTEM, after, now=context.now())
    typer.echo(f"The brand profile of {workspace} is kept.")


def _said(values: list[str]) -> tuple[str, ...]:
    """The values that say something; one empty value clears a list."""
    return tuple(value for value in values if value.strip())


def _plain(business: object, voice: object) -> dict[str, object]:
    """Both studies as JSON, without the packed scorer."""
    from models.domain.brand_study import BrandStudy

    told: dict[str, object] = {}
    for study_ in (business, voice):
        assert isinstance(study_, BrandStudy)
        document = study_.document.model_dump(mode="json")
        if document.get("fit"):
            document["fit"].pop("model")
        told[study_.kind.value] = {"version": study_.version, "at": study_.at, "by": study_.by, **document}
    return told


def _told(business: object, voice: object) -> list[str]:
    from models.domain.brand_study import BrandStudy, BusinessProfile, VoiceProfile

    assert isinstance(business, BrandStudy)
    assert isinstance(voice, BrandStudy)
    profile, written = business.document, voice.document
    assert isinstance(profile, BusinessProfile)
    assert isinstance(written, VoiceProfile)
    lines = [f"What the brand says of itself (version {business.version}, {profile.writer})"]
    for said in profile.statements:
        lines.append(f"  {said.kind.label}: {said.text}")
        lines.append(f"    “{said.quote}” – {said.source}, {said.where}")
    lines += [f"  {sentence}" for sentence in profile.missing]
    if profile.keyphrases:
        lines.append(f"  Often about: {', '.join(profile.keyphrases)}")
    lines.append(
        f"How it writes (version {voice.version}, {written.posts} posts, language {written.language or 'unknown'})"
    )
    lines += [f"  Do: {line}" for line in written.dos] + [f"  Don't: {line}" for line in written.donts]
    if written.fit is not None:
        fit = written.fit
        lines.append(
            f"  Voice score: tells unseen posts from {fit.other_accounts} competitors' with AUC {fit.single:.2f} for one piece"
            + (f", {fit.five:.2f} for five" if fit.five is not None else "")
            + f", {fit.masked:.2f} with topic words masked"
        )
    else:
        lines.append(f"  No voice score: {written.no_score}")
    return lines
