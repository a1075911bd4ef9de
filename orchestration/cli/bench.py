"""`fabric bench`: how the installation fares at a size that nobody has to own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.output import JsonFlag, emit_json, note, table

app = typer.Typer(help="Measure the product on made-up data of any size.", no_args_is_help=True)

Rows = Annotated[int, typer.Option("--rows", min=50_000, help="About how many metric readings to make.")]
Workspaces = Annotated[
    int | None, typer.Option("--workspaces", min=2, max=500, help="Number of workspaces; by size if absent.")
]
Keep = Annotated[
    Path | None, typer.Option("--keep", help="Keep the stores in this new or empty folder; a temporary one otherwise.")
]


@app.command()
def scale(
    rows: Rows = 1_000_000,
    workspaces: Workspaces = None,
    keep: Keep = None,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="How often each page query is asked.")] = 10,
    as_json: JsonFlag = False,
) -> None:
    """Generate readings, build, add one day, build again, ask what pages ask; beside a floor of the same run.

    Example: fabric bench scale --rows 10000000 --json
    """
    from orchestration.bench.scale import kept_or_temporary, measure

    with kept_or_temporary(keep) as home:
        told = measure(home, rows, workspaces=workspaces, rounds=rounds, log=note)
    if as_json:
        emit_json(told)
        return
    table(f"{told.rows:,} readings", ("phase", "seconds"), [(name, took) for name, took in told.seconds.items()])
    table("", ("ratio", "value"), list(told.ratios.items()))
    pages = told.page_queries
    typer.echo(
        f"Page queries: p50 {pages['p50_ms']} ms, p95 {pages['p95_ms']} ms. Peak memory {told.peak_rss_mb:,} MB."
    )


@app.command()
def postgres(
    rows: Rows = 10_000_000,
    workspaces: Workspaces = None,
    keep: Keep = None,
    as_json: JsonFlag = False,
) -> None:
    """The newest value of every metric of every post, in PostgreSQL and in DuckDB, over the same readings.

    Example: fabric bench postgres --rows 10000000 --json
    """
    from dataclasses import asdict

    from connectors.warehouse.scale.generation import Size, generate
    from connectors.warehouse.scale.postgres import compare
    from orchestration.bench.scale import kept_or_temporary

    with kept_or_temporary(keep) as home:
        note("Generating readings…")
        made = sum(batch.observations for batch in generate(home / "landing", Size.of(rows, workspaces)))
        note(f"Rolling up {made:,} readings in both engines…")
        found = compare(home / "landing")
    if as_json:
        emit_json({**asdict(found), "ratio": round(found.ratio, 2)})
        return
    fastest = min(found.postgres_seconds.values())
    typer.echo(
        f"{found.rows:,} readings, {found.groups:,} groups: DuckDB {found.duckdb_seconds:.2f} s, PostgreSQL {fastest:.2f} s,"
        f" {found.ratio:.1f} times as long; {'equal' if found.equal else 'DIFFERENT'} answers."
    )
    if not found.equal:
        raise typer.Exit(1)


@app.command()
def routing(
    requests: Annotated[int, typer.Option("--requests", min=100, help="How many requests to route.")] = 10_000,
    seed: Annotated[int, typer.Option("--seed", help="Of prices, outages, latencies and requests.")] = 1,
    as_json: JsonFlag = False,
) -> None:
    """Route requests over made-up providers with changing prices, outages and latencies, in virtual time.

    Once without a budget, beside the best choice in hindsight, and once with a third of what that cost.
    Example: fabric bench routing --json
    """
    from orchestration.bench.routing import figures

    note(f"Routing {requests:,} requests twice, in virtual time…")
    told = figures(requests=requests, seed=seed)
    if as_json:
        emit_json(told)
        return
    columns = (
        "run", "availability", "cost $", "in hindsight $", "ratio", "budget $", "over budget", "refused", "p95 s",
    )  # fmt: skip
    rows = [
        (
            name.replace("_", " "), run.availability, run.cost_usd, run.hindsight_usd, run.cost_ratio, run.budget_usd,
            run.over_budget, run.refused_for_budget, run.p95_seconds,
        )
        for name, run in told.items()
    ]  # fmt: skip
    table(f"{requests:,} requests", columns, rows)


@app.command()
def adversary(
    every: Annotated[
        int, typer.Option("--every", min=1, help="Use every n-th injection of the corpus; 1 uses all of them.")
    ] = 1,
    rounds: Annotated[int, typer.Option("--rounds", min=0, help="How often the adversary writes everything.")] = 5,
    keep: Keep = None,
    as_json: JsonFlag = False,
) -> None:
    """Attack an installation through its competitors' content, with a model that obeys every injected instruction.

    What must be zero is told beside how far the attack came; it fails when anything is not zero.
    Example: fabric bench adversary --json
    """
    from dataclasses import asdict

    from orchestration.bench.adversary.attack import attack
    from orchestration.bench.adversary.corpus import corpus
    from orchestration.bench.adversary.nasty import nasty_strings
    from orchestration.bench.scale import kept_or_temporary

    with kept_or_temporary(keep) as home:
        told = attack(home, corpus()[::every], nasty_strings(), rounds=rounds, log=note)
    if as_json:
        emit_json({**asdict(told), "held": told.held})
    else:
        table("Must be zero", ("what", "found"), list(told.must_be_zero.items()))
        typer.echo(
            f"{told.injections:,} injections in {told.templates} templates and {told.nasty} strings: {told.reached:,} reached "
            f"the reader; {told.strategies} strategies, {told.briefs} briefs and {told.drafts} drafts in {told.seconds:g} s."
        )
    if not told.held:
        raise typer.Exit(1)


@app.command()
def grounding(
    texts: Annotated[int, typer.Option("--texts", min=40, help="How many true texts to judge.")] = 500,
    errors: Annotated[int, typer.Option("--errors", min=100, help="How many single errors to put into them.")] = 2_000,
    as_json: JsonFlag = False,
) -> None:
    """Put single errors into true texts about made-up workspaces: what the number checker catches, what it blocks falsely.

    Example: fabric bench grounding --json
    """
    from orchestration.bench.grounding.measure import measure

    told = measure(texts, errors, log=note)
    if as_json:
        emit_json(told)
        return
    columns = ("kind", "injected", "caught", "held out: injected", "caught")
    table("Single errors", columns, [(kind, *row.values()) for kind, row in told.table.items()])
    typer.echo(
        f"{told.caught:,} of {told.injected:,} caught; {told.blocked['both']} of {told.texts} true texts blocked "
        f"({told.blocked['held_out']} in the held-out half)."
    )


@app.command()
def retrieval(
    folders: Annotated[
        list[Path],
        typer.Argument(
            help="Folders of Markdown articles, whose titles are searched for.", exists=True, file_okay=False
        ),
    ],
    pairs: Annotated[int, typer.Option(min=10, help="How many titles are searched for.")] = 200,
    among: Annotated[int, typer.Option(min=0, help="Articles that these stand among, drawn at random; 0: all.")] = 0,
    whole: Annotated[bool, typer.Option("--whole", help="Leave the words of its title in an article's text.")] = False,
    chunks: Annotated[
        int, typer.Option(min=0, help="Chunks of the large index, made of the articles' own; 0: none.")
    ] = 100_000,
    embedder: Annotated[str, typer.Option(help="minilm or multilingual.")] = "minilm",
    keep: Keep = None,
    as_json: JsonFlag = False,
) -> None:
    """Search for articles by their titles, none of whose words they keep in the text; then write and ask a large index.

    Example: fabric bench retrieval blogs/one blogs/two --json
    """
    from connectors.ai.embedding import open_embedder
    from models.domain.retrieval import Mode
    from orchestration.bench.retrieval import measure
    from orchestration.bench.scale import kept_or_temporary

    with kept_or_temporary(keep) as home:
        told = measure(
            home, folders, open_embedder(embedder), pairs=pairs, among=among, whole=whole, chunks=chunks, log=note
        )
    if as_json:
        emit_json(told)
        return
    rows = [(mode.value, *(told.recall[mode.value][name] for name in ("at_1", "at_10", "mrr"))) for mode in Mode]
    table(f"{told.pairs} titles among {told.documents:,} articles", ("mode", "recall@1", "recall@10", "MRR"), rows)
    typer.echo(
        f"Embedding {told.embedding['chunks_per_second']} chunks a second, {told.embedding['query_ms']} ms a query. Peak memory {told.peak_rss_mb:,} MB."
    )
    if told.size:
        table(
            f"{told.size['chunks']:,} chunks",
            ("mode", "p50 ms", "p95 ms"),
            [(mode, times["p50"], times["p95"]) for mode, times in told.size["query_ms"].items()],
        )


@app.command()
def generation(
    workspace: Annotated[list[str], typer.Option("--workspace", "-w", help="A built workspace; may be given often.")],
    posts: Annotated[int, typer.Option("--posts", min=1, max=100, help="Planned posts to write drafts for.")] = 6,
    start: Annotated[str, typer.Option("--start", help="First day of the calendar (YYYY-MM-DD).")] = "2026-12-07",
    rules_only: Annotated[bool, typer.Option("--rules-only", help="Leave models out, whatever is set up.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """How each set-up model and the rules write a strategy and drafts: shape, limits, checks, grounding, variety, voice, cost.

    Calls every model that the first workspace reaches, once a provider and tier. Example: fabric bench generation -w natgeo
    """
    from datetime import date

    from connectors.ai.offering import text_models
    from orchestration.bench.generation.measure import measure
    from orchestration.cli import context
    from orchestration.models import provider_access

    for name in workspace:
        context.workspace(name)
    stores = context.stores()
    with stores.open_store() as store:
        access = {} if rules_only else provider_access(stores, store, workspace[0])
    models = text_models(access, today=stores.now().date()).models
    told = measure(stores, workspace, models, start=date.fromisoformat(start), posts=posts, log=note)
    if as_json:
        emit_json(told)
        return
    shown = (
        "workspace", "writer", "calls", "valid_shape", "by_model", "claims_grounded", "within_limits", "checks_passed",
        "similarity", "voice_score", "cost_usd", "median_seconds",
    )  # fmt: skip
    table("", [name.replace("_", " ") for name in shown], [[row[name] for name in shown] for row in told["results"]])
