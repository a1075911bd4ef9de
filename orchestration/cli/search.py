"""`fabric search`: what a workspace and its competitors have said, by meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from models.domain.retrieval import Among, Mode, Source
from models.errors import Conflict, InvalidInput
from orchestration.cli import context
from orchestration.cli.output import JsonFlag, emit_json, note, table

if TYPE_CHECKING:
    from models.domain.retrieval import Duplicate, Hit, Uncovered
    from orchestration.resources import Stores

_EXCERPT = 110


def search(
    words: Annotated[str, typer.Argument(help="What to search for: words, or a sentence.")] = "",
    workspace: Annotated[str, typer.Option("--workspace", "-w", help="Workspace whose content to search.")] = "",
    source: Annotated[
        list[Source] | None, typer.Option("--source", "-s", help="Only this kind of content; may be repeated.")
    ] = None,
    platform: Annotated[list[str] | None, typer.Option(help="Only this platform; may be repeated.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many to find.")] = 10,
    mode: Annotated[Mode, typer.Option(help="By meaning and words, by meaning, or by words.")] = Mode.HYBRID,
    like: Annotated[str, typer.Option(help="Find what is similar to this id instead.")] = "",
    duplicates: Annotated[bool, typer.Option("--duplicates", help="List pairs that say the same instead.")] = False,
    uncovered: Annotated[
        bool, typer.Option("--uncovered", help="List what competitors write about and the brand does not instead.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Search own posts, drafts, briefs and competitors' content. Example: fabric search "repair a zip" -w sample

    The index is brought up to date first; only texts that are new are embedded.
    """
    from orchestration import searching

    if not workspace:
        raise InvalidInput("Say whose content to search with --workspace; fabric workspace list shows them.")
    if [bool(words), bool(like), duplicates, uncovered].count(True) != 1:
        raise InvalidInput("Give words to search for, or one of --like ID, --duplicates and --uncovered.")
    context.workspace(workspace)
    stores = context.stores()
    _bring_up_to_date(stores, workspace)
    among = Among(tuple(source or ()), tuple(platform or ()))
    if duplicates:
        _print_pairs(searching.comparer(stores, workspace).duplicates(workspace, among, limit=limit), as_json)
    elif uncovered:
        _print_subjects(searching.comparer(stores, workspace).uncovered(workspace, limit=limit), as_json)
    else:
        finder = searching.searcher(stores, workspace)
        if like:
            hits = finder.like(workspace, like, among, limit=limit)
        else:
            hits = finder.search(workspace, words, among, mode=mode, limit=limit)
        _print_hits(hits, as_json)


def _bring_up_to_date(stores: Stores, workspace_id: str) -> None:
    from orchestration.searching import update_index

    try:
        done = update_index(stores, workspace_id, log=note, wait_seconds=2.0)
    except Conflict:
        note("The index is being brought up to date by another process; what it held before is searched.")
        return
    if done.rebuilt:
        note(f"The index was written anew, because {done.rebuilt}.")
    if done.embedded:
        note(f"{done.embedded:,} new texts were added to the index, which now holds {done.documents:,} documents.")


def _print_hits(hits: list[Hit], as_json: bool) -> None:
    if as_json:
        emit_json({"hits": hits})
        return
    if not hits:
        note("Nothing was found.")
        return
    rows = [(*_told(hit), hit.repeated, hit.similarity, hit.id) for hit in hits]
    table("", ("what", "platform", "whose", "date", "text", "the same", "similarity", "id"), rows)


def _print_pairs(pairs: list[Duplicate], as_json: bool) -> None:
    if as_json:
        emit_json({"duplicates": pairs})
        return
    if not pairs:
        note("No two documents say the same.")
        return
    rows = [(pair.similarity, pair.shared, pair.one.id, pair.other.id, _excerpt(pair.one)) for pair in pairs]
    table("", ("similarity", "words in common", "one", "other", "text"), rows)


def _print_subjects(subjects: list[Uncovered], as_json: bool) -> None:
    if as_json:
        emit_json({"uncovered": subjects})
        return
    if not subjects:
        note("Competitors write about nothing that the brand does not write about too.")
        return
    rows = [(s.alike, ", ".join(s.competitors), s.nearest, _excerpt(s.hit), s.hit.id) for s in subjects]
    table("", ("texts", "of", "nearest own text", "for example", "id"), rows)


def _told(hit: Hit) -> tuple[str, str, str, str, str]:
    day = hit.published_at.date().isoformat() if hit.published_at else ""
    return hit.source.value, hit.platform, hit.account, day, _excerpt(hit)


def _excerpt(hit: Hit) -> str:
    """The beginning of what was found on one line, without characters that steer a terminal."""
    text = " ".join((f"{hit.title}: {hit.passage}" if hit.title else hit.passage).split())
    shown = "".join(char for char in text if char.isprintable())
    return shown if len(shown) <= _EXCERPT else shown[:_EXCERPT].rstrip() + "…"
