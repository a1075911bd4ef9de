"""`fabric import`: files, folders and feeds into landing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from models.errors import FabricError, InvalidInput
from orchestration.cli import context
from orchestration.cli.competitor import tracked
from orchestration.cli.output import JsonFlag, byte_progress, emit_json, note

if TYPE_CHECKING:
    from connectors.files.importer import ImportSummary
    from connectors.files.preview import Preview


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(
            f"--observed-at {text!r} is not a time: write 2026-11-22 or 2026-11-22T09:30+00:00."
        ) from None
    return given if given.tzinfo else given.replace(tzinfo=UTC)


def import_files(
    paths: Annotated[
        list[str],
        typer.Argument(help="CSV files, folders of Markdown, feed files or feed URLs; or one folder of fabric export."),
    ],
    workspace: Annotated[str, typer.Option("--workspace", "-w", help="Workspace to import into.")] = "",
    platform: Annotated[str | None, typer.Option(help="Platform, where the layout does not tell.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="YAML file that says what the columns mean.")] = None,
    competitor: Annotated[
        str | None, typer.Option(help="The content is this competitor's, not the brand's own.")
    ] = None,
    account: Annotated[str | None, typer.Option(help="Account id, where the file does not tell.")] = None,
    observed_at: Annotated[
        str | None, typer.Option(help="When the export was made, if neither file nor name say.")
    ] = None,
    zone: Annotated[
        str | None, typer.Option(help="IANA zone of the file's times, where neither file nor layout tells.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse a file that has any bad row.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be stored, and store nothing.")] = False,
    suggest_mapping: Annotated[
        bool, typer.Option("--suggest-mapping", help="Print a draft mapping for the file and stop.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Import files into a workspace, or a whole workspace that fabric export wrote. The same file twice adds nothing.

    Example: fabric import posts.csv --workspace natgeo
    """
    from connectors.files.importer import import_path
    from connectors.files.suggest import suggest_mapping as draft_mapping
    from connectors.warehouse.manifest import is_archive

    if any(is_archive(Path(path)) for path in paths):
        if len(paths) > 1 or workspace:
            raise InvalidInput(
                "A folder of fabric export holds a whole workspace: import it alone and without --workspace."
            )
        _restore(Path(paths[0]), as_json)
        return
    if suggest_mapping:
        for path in paths:
            typer.echo(draft_mapping(Path(path)))
        return
    if not workspace:
        raise InvalidInput("Say which workspace to import into with --workspace; fabric workspace list shows them.")
    context.workspace(workspace)
    from connectors.warehouse.landing import LandingStore

    landing = LandingStore(context.settings().landing_dir)
    if dry_run:
        _previews(
            paths, as_json, workspace_id=workspace, landing=landing, landed_at=context.now(),
            observed_at=_instant(observed_at), platform=platform, mapping=mapping, competitor=competitor, account=account,
            zone=zone,
        )  # fmt: skip
        return
    done: list[ImportSummary] = []
    failed: list[tuple[str, str]] = []
    for path in paths:
        try:
            with byte_progress(Path(path).name or path) as progress:
                done.append(
                    import_path(
                        path, workspace_id=workspace, landing=landing, landed_at=context.now(),
                        observed_at=_instant(observed_at), platform=platform, mapping=mapping, competitor=competitor,
                        account=account, zone=zone, strict=strict, progress=progress,
                    )
                )  # fmt: skip
        except FabricError as error:
            failed.append((path, str(error)))
    if competitor and done:
        tracked(workspace, competitor)
    if as_json:
        emit_json({"imported": done, "refused": [{"path": path, "reason": reason} for path, reason in failed]})
    else:
        _report(done)
        for _, reason in failed:
            note(f"fabric: {reason}")
    if failed:
        raise typer.Exit(1)


def _restore(folder: Path, as_json: bool) -> None:
    """Reads an exported workspace into this installation."""
    from orchestration.archiving import import_workspace

    done = import_workspace(context.stores(), folder)
    if as_json:
        emit_json(done)
        return
    note(f"Workspace {done.workspace_id}: {done.batches:,} batches, {done.rows:,} rows, {done.media:,} media files")
    if done.accounts:
        note(f"Accounts to connect again, as credentials are never exported: {done.accounts}")
    if done.waiting:
        note(
            f"Posts that wait to go out: {done.waiting}. They go out from here once their accounts are connected: delete the "
            "workspace where it came from first, or they go out twice."
        )
    note(f"Nobody can open it in the app yet: fabric workspace add-member {done.workspace_id} EMAIL --role admin")
    note("Next: fabric build")


def _previews(paths: list[str], as_json: bool, **how: Any) -> None:
    """Prints what each file would give. Exit code 1 when one of them would be refused."""
    from connectors.files.preview import preview

    shown: list[Preview] = []
    refused: list[tuple[str, str]] = []
    for path in paths:
        try:
            shown.append(preview(path, **how))
        except FabricError as error:
            refused.append((path, str(error)))
    if as_json:
        emit_json({"previews": shown, "refused": [{"path": path, "reason": reason} for path, reason in refused]})
    else:
        for seen in shown:
            typer.echo(f"{_sentence(seen.summary)} (nothing was stored)")
            for found in seen.summary.recognised:
                span = (
                    f"{found.first:%Y-%m-%d} to {found.newest:%Y-%m-%d}" if found.first and found.newest else "no dates"
                )
                note(
                    f"  {found.layout}: {found.why}; {', '.join(name for _, name in found.accounts) or 'no account'}; {span}, {found.zone}"
                )
            for line in (*seen.summary.notes, *(f"line {p.source_line}: {p.reason}" for p in seen.problems[:5])):
                note(f"  {line}")
        for _, reason in refused:
            note(f"fabric: {reason}")
    if refused:
        raise typer.Exit(1)


def _report(done: list[ImportSummary]) -> None:
    for summary in done:
        typer.echo(_sentence(summary))
        if not summary.already_known:
            for line in (
                f"read as of {summary.observed_at:%Y-%m-%d %H:%M} UTC ({summary.observed_from})",
                *summary.notes,
            ):
                note(f"  {line}")
    set_aside = sum(summary.rejected for summary in done if not summary.already_known)
    if set_aside:
        note(f"Rows or cells set aside with their reasons: {set_aside:,}; mart_rejections lists them after the build.")
    if any(not summary.already_known for summary in done):
        note("Next: fabric build")


def _sentence(summary: ImportSummary) -> str:
    """One line a file: what it was taken for, and where each of its rows went."""
    name = f"{Path(summary.source_file).name} ({summary.layout})"
    if summary.already_known:
        return f"{name}: already known, nothing added"
    counts = {
        "posts": summary.contents,
        "readings": summary.observations,
        "rejected": summary.rejected,
        "repeated": summary.repeated,
        "skipped": summary.skipped,
        "changed since the last import": summary.observations_changed or 0,
        "known before": summary.observations_known or 0,
    }
    went = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count or what == "rejected")
    return f"{name}: {summary.rows_read:,} rows read: {went}"
