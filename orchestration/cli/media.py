"""`fabric media`: pictures, videos and recordings for a workspace and its drafts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from models.errors import InvalidInput
from orchestration.cli import context
from orchestration.cli.output import JsonFlag, emit_json, note, table

if TYPE_CHECKING:
    from models.domain.media import MediaJob

app = typer.Typer(
    help="Make pictures, videos and recordings; a person adds them to drafts.", no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip

_Workspace = Annotated[str, typer.Option("--workspace", "-w", help="Workspace that the file is for.")]
_Draft = Annotated[str | None, typer.Option(help="Draft that it is meant for; a person adds it there.")]
_Provider = Annotated[str, typer.Option(help="Who makes it; fabric media makers lists them. Default: the cheapest.")]
_Model = Annotated[str, typer.Option(help="One model of the provider.")]
_Later = Annotated[bool, typer.Option("--later", help="Only ask; the running sensor, or fabric media work, makes it.")]


@app.command("image")
def image(
    workspace: _Workspace,
    prompt: Annotated[str, typer.Option(help="What the picture shows. Without it a branded card is made.")] = "",
    title: Annotated[str, typer.Option(help="Title of a card; of a draft without one, its first sentence.")] = "",
    line: Annotated[list[str] | None, typer.Option(help="A line below the title; may be repeated.")] = None,
    platform: Annotated[str, typer.Option(help="Size of that platform.")] = "",
    size: Annotated[str, typer.Option(help="Pixels, as 1080x1350; wins over the platform's.")] = "",
    background: Annotated[str, typer.Option(help="Colour of a card, as #rrggbb. Default: that of the last card.")] = "",
    accent: Annotated[str, typer.Option(help="Colour of a card's bar and bullets.")] = "",
    text: Annotated[str, typer.Option(help="Colour of a card's text; replaced when it could not be read.")] = "",
    brand: Annotated[str, typer.Option(help="Name at the foot of a card. Default: that of the last card.")] = "",
    draft: _Draft = None,
    provider: _Provider = "",
    model: _Model = "",
    later: _Later = False,
    as_json: JsonFlag = False,
) -> None:
    """Make a branded card, which needs no key, or a picture of a description.

    Example: fabric media image -w natgeo --title "Repair beats replace" --platform instagram
    """
    from models.domain.ai import ImageRequest

    known, post, where = _known(workspace, draft)
    width, height = _size(size, platform or where)
    heading = title or ("" if prompt else post)
    if not prompt and not heading:
        raise InvalidInput("Say what is to be made: --title for a card, or --prompt for a picture.")
    given = {"background": background, "accent": accent, "text": text, "brand": brand}
    style = {**known, **{name: value for name, value in given.items() if value}}
    request = ImageRequest(prompt, width, height, heading, tuple(line or ()), style if not prompt else {})
    _ask(workspace, request, draft, provider, model, later=later, as_json=as_json)


@app.command("video")
def video(
    workspace: _Workspace,
    prompt: Annotated[str, typer.Option(help="What the video shows.")],
    seconds: Annotated[int, typer.Option(help="Length; a provider makes the nearest it offers.")] = 5,
    ratio: Annotated[str, typer.Option(help="Width to height, as 9:16.")] = "9:16",
    image_url: Annotated[str, typer.Option(help="Public address of a picture to begin with.")] = "",
    draft: _Draft = None,
    provider: _Provider = "",
    model: _Model = "",
    later: _Later = False,
    as_json: JsonFlag = False,
) -> None:
    """Start a video. It takes minutes: the running sensor, or fabric media work, asks after it.

    Example: fabric media video -w natgeo --prompt "A torn jacket on a repair bench" --seconds 5
    """
    from models.domain.ai import VideoRequest

    _known(workspace, draft)
    request = VideoRequest(prompt, seconds, ratio, image_url or None)
    _ask(workspace, request, draft, provider, model, later=later, as_json=as_json)


@app.command("speech")
def speech(
    workspace: _Workspace,
    text: Annotated[str, typer.Argument(help="What is said; - reads standard input.")],
    voice: Annotated[str, typer.Option(help="The provider's id of a voice. Default: the provider's own.")] = "",
    language: Annotated[str, typer.Option(help="ISO 639-1 code.")] = "en",
    draft: _Draft = None,
    provider: _Provider = "",
    model: _Model = "",
    later: _Later = False,
    as_json: JsonFlag = False,
) -> None:
    """Make a recording. Example: fabric media speech -w natgeo "Repair beats replace." --provider espeak"""
    from models.domain.ai import SpeechRequest

    _known(workspace, draft)
    said = sys.stdin.read() if text == "-" else text
    _ask(workspace, SpeechRequest(said, voice, language), draft, provider, model, later=later, as_json=as_json)


@app.command("list")
def list_media(
    workspace: _Workspace,
    draft: Annotated[str | None, typer.Option(help="Only what is meant for this draft.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """List what was asked for and what became of it, newest first. Example: fabric media list -w natgeo"""
    from models.domain.workspace import SYSTEM
    from models.services import media

    context.workspace(workspace)
    with context.store().unit_of_work() as uow:
        found = media.list_media(uow, SYSTEM, workspace, draft_id=draft)
    if as_json:
        emit_json({"requests": found})
        return
    rows = [
        (
            f"{job.created_at:%Y-%m-%d %H:%M}", job.modality.value, job.words,
            "/".join(filter(None, (job.provider, job.model))) or "–", job.state.value,
            None if job.cost_microusd is None else job.cost_microusd / 1_000_000, (job.asset_id or "")[:12], job.message,
        )
        for job in found
    ]  # fmt: skip
    columns = ("asked (UTC)", "kind", "what", "made by", "state", "US dollars", "file", "note")
    table(f"Media of {workspace}", columns, rows)


@app.command("makers")
def makers(workspace: _Workspace, as_json: JsonFlag = False) -> None:
    """List who can make what for a workspace, and at which price. Example: fabric media makers -w natgeo"""
    from orchestration.media import known_makers

    context.workspace(workspace)
    with context.store() as store:
        found = known_makers(context.stores(), store, workspace)
    if as_json:
        emit_json({"makers": found})
        return
    rows = [(spec.modality.value, spec.provider, spec.name, spec.tier.value, spec.unit_usd, spec.ends_on or "") for spec in found]  # fmt: skip
    columns = ("kind", "provider", "model", "tier", "US dollars a piece", "ends on")
    table(f"Makers for {workspace}; a piece is a picture, a second of video or a thousand characters", columns, rows)


@app.command("save")
def save(
    workspace: _Workspace,
    file: Annotated[str, typer.Argument(help="File as fabric media list shows it; its first letters suffice.")],
    to: Annotated[Path, typer.Argument(help="Where to write it; a directory takes it under its own name.")],
) -> None:
    """Copy a finished file out of the workspace. Example: fabric media save -w natgeo 3f2a91 card.png"""
    import shutil

    from connectors.assets import AssetStore
    from models.domain.workspace import SYSTEM
    from models.services import assets

    context.workspace(workspace)
    with context.store().unit_of_work() as uow:
        found = [asset for asset in assets.list_assets(uow, SYSTEM, workspace) if asset.id.startswith(file)]
    if len(found) != 1:
        raise InvalidInput(f"{len(found)} files of {workspace} begin with {file!r}: give more of the name.")
    target = to / found[0].name if to.is_dir() else to
    shutil.copyfile(AssetStore(context.settings().home / "assets").path(found[0]), target)
    typer.echo(f"{target}: {found[0].content_type}, {found[0].size:,} bytes.")


@app.command("work")
def work(as_json: JsonFlag = False) -> None:
    """Do what is waiting in all workspaces, and ask after videos. Example: fabric media work"""
    from orchestration.media import run_worker

    found = run_worker(context.stores(), log=note)
    if as_json:
        emit_json({"requests": found})
    else:
        typer.echo(f"Media: {len(found)} requests moved on." if found else "Media: nothing is due.")


def _ask(
    workspace: str, request: Any, draft: str | None, provider: str, model: str, *, later: bool, as_json: bool
) -> None:
    """Writes the request down, and unless it is for later lets the worker do what is due. Exit code 1 when it failed."""
    from models.domain.media import MediaState
    from models.domain.workspace import SYSTEM
    from models.services import media
    from orchestration.media import run_worker

    with context.store().unit_of_work() as uow:
        job = media.request_media(
            uow, SYSTEM, workspace, request, provider=provider, model=model, draft_id=draft, now=context.now()
        )
    if not later:
        run_worker(context.stores())
        with context.store().unit_of_work() as uow:
            job = next(found for found in media.list_media(uow, SYSTEM, workspace) if found.id == job.id)
    if as_json:
        emit_json({"request": job})
    else:
        typer.echo(_told(job, workspace))
    raise typer.Exit(1 if job.state in (MediaState.FAILED, MediaState.UNKNOWN) else 0)


def _told(job: MediaJob, workspace: str) -> str:
    from orchestration.media import sentence

    said = sentence(job)
    if job.asset_id:
        return f"{said}\nCopy it out with: fabric media save -w {workspace} {job.asset_id[:12]} ."
    return said if job.message else f"{said}."


def _known(workspace: str, draft: str | None) -> tuple[dict[str, str], str, str]:
    """Style of the workspace's last card, first sentence of the draft and its platform."""
    from models.domain.media import headline, last_style
    from models.domain.workspace import SYSTEM
    from models.services import drafts, media

    found = context.workspace(workspace)
    with context.store().unit_of_work() as uow:
        style = last_style(media.list_media(uow, SYSTEM, workspace)) or {"brand": found.name}
        if draft is None:
            return style, "", ""
        post = drafts.get_draft(uow, SYSTEM, draft)
    return style, headline(post.version.text), post.platform.value


def _size(size: str, platform: str) -> tuple[int, int]:
    from connectors.ai.card.sizes import SIZES
    from models.domain.social import Platform

    if size:
        width, _, height = size.lower().partition("x")
        if not (width.isascii() and width.isdigit() and height.isascii() and height.isdigit()):
            raise InvalidInput(f"{size!r} is no size: write it as 1080x1350.")
        return int(width), int(height)
    if platform and platform not in set(Platform):
        raise InvalidInput(f"{platform!r} is no platform; there are: {', '.join(Platform)}.")
    return SIZES[Platform(platform)] if platform else (1080, 1080)
