"""The `fabric` command: one small module a command group, each importing what it needs only when it runs."""

from __future__ import annotations

import sys

import typer

from models.errors import FabricError, InvalidInput
from orchestration.cli import (
    ai,
    bench,
    brand,
    build,
    competitor,
    connect,
    dates,
    demo,
    doctor,
    export,
    generate,
    imports,
    ingest,
    media,
    publish,
    reconcile,
    sandbox,
    search,
    serve,
    sql,
    strategy,
    vault,
    workspace,
)

app = typer.Typer(
    name="fabric",
    help="Content intelligence on your own machine: import, build, generate, approve.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(workspace.app, name="workspace")
app.command("import")(imports.import_files)
app.command("connect")(connect.connect)
app.command("connections")(connect.list_connections)
app.command("disconnect")(connect.disconnect)
app.command("options")(connect.options)
app.add_typer(vault.app, name="vault")
app.add_typer(competitor.app, name="competitor")
app.add_typer(brand.app, name="brand")
app.add_typer(dates.app, name="dates")
app.command("ingest")(ingest.ingest)
app.command("build")(build.build)
app.command("reconcile")(reconcile.reconcile)
app.command("generate")(generate.generate)
app.add_typer(strategy.app, name="strategy")
app.command("rewrite")(generate.rewrite)
app.add_typer(ai.app, name="ai")
app.add_typer(media.app, name="media")
app.command("publish")(publish.publish)
app.command("sql")(sql.sql)
app.command("search")(search.search)
app.command("export")(export.export)
app.add_typer(serve.app, name="serve")
app.add_typer(sandbox.app, name="sandbox")
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)
app.add_typer(bench.app, name="bench")


def run() -> None:
    """Entry point: exit code 0, 1 (failed, with one sentence on stderr) or 2 (misused)."""
    try:
        app()
    except InvalidInput as error:
        sys.stderr.write(f"fabric: {error}\n")
        sys.exit(2)
    except FabricError as error:
        sys.stderr.write(f"fabric: {error}\n")
        sys.exit(1)
