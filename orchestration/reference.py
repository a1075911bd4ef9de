"""The parts of `docs/` that are made from code: metrics, marts, rhythms, settings, commands, assets.

`python -m orchestration.reference` writes them; with `--check` it writes nothing and fails, naming the stale ones.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from connectors.rhythms import RHYTHMS, next_due
from connectors.warehouse.marts import MARTS
from models.metrics.registry import registry
from models.settings import Settings
from orchestration.environment import quiet_telemetry
from orchestration.project import project_dir

NOTICE = "<!-- Made by `make docs` from the code; edits here are lost. -->\n\n"


def _table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    names = list(header)
    lines = ["| " + " | ".join(names) + " |", "| " + " | ".join("---" for _ in names) + " |"]
    for row in rows:
        lines.append("| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in row) + " |")
    return "\n".join(lines) + "\n"


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


def metrics_page() -> str:
    """The metric contract: metrics, composites, rates, and the platforms' fields, taken and not taken."""
    known = registry()
    metrics = _table(
        (
            "metric", "name", "unit", "kind", "basis", "of", "sum over posts", "over days", "over accounts",
            "may be divided by", "read on", "meaning",
        ),
        (
            (
                f"`{m.id}` v{m.version}", m.name, m.unit, m.kind, m.time_basis, m.entity, _yes(m.additive_posts),
                _yes(m.additive_days), _yes(m.additive_accounts), _names(known.denominators.get(m.id, {})),
                _names({f.platform: "" for f in known.fields if f.metric == m.id and f.read_by and not f.valid_to})
                or "nobody yet",
                m.documentation,
            )
            for m in known.metrics.values()
        ),
    )  # fmt: skip
    composites = _table(
        ("composite", "is", "over", "may be divided by", "meaning"),
        (
            (
                f"`{c.id}`",
                " ".join(
                    f"{'+' if sign > 0 else '−'} {part}" for part, sign in zip(c.components, c.signs, strict=True)
                ),
                "what the platform has of it" if c.parts == "platform" else "all parts",
                _names(known.denominators.get(c.id, {})),
                c.documentation,
            )
            for c in known.composites.values()
        ),
    )
    rates = _table(
        ("rate", "numerator ÷ denominator", "on", "meaning"),
        (
            (
                f"`{r.id}`", f"{r.numerator} ÷ {r.denominator}", r.platform or "every platform",
                r.documentation + (" Missing outside 0 to 1." if r.part_of_whole else ""),
            )
            for r in known.rates.values()
        ),
    )  # fmt: skip
    denominators = _table(
        ("measure", "denominator", "which is"),
        (
            (f"`{measure}`", f"`{below}`", note)
            for measure, allowed in known.denominators.items()
            for below, note in allowed.items()
        ),
    )
    fields = _table(
        ("metric", "platform", "field", "from", "to", "series breaks", "read by", "source"),
        (
            (
                f"`{f.metric}`", f.platform, f"`{f.field}`", f.valid_from or "", f.valid_to or "",
                "yes" if f.breaks_series else "", " + ".join(f.read_by) or "nobody yet", f.source,
            )
            for f in known.fields
        ),
    )  # fmt: skip
    not_taken = _table(
        ("platform", "of", "field", "why not"),
        ((f.platform, f.entity, f"`{f.field}`", f.reason) for f in known.not_taken),
    )
    return (
        f"# Metrics\n\n{NOTICE}The one registry that SQL, the app and generation read (`models/metrics/seeds`).\n\n"
        f"## Metrics\n\n{metrics}\n## Composites\n\n{composites}\n## Rates\n\nA rate over several posts is "
        f"Σ numerator ÷ Σ denominator over the posts where both are known.\n\n{rates}\n"
        f"## Allowed denominators\n\n{denominators}\n"
        "## Where platforms say it\n\n*Read by*: `interface`, the account's own API; `export`, a file that is imported "
        "(its columns are named in `connectors/files/mappings`); `public`, what is read of competitors. *Series breaks*: "
        f"from that day on the platform counts something else, and no change is computed over it.\n\n{fields}\n"
        f"## What is left alone\n\n{not_taken}"
    )


def _names(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def marts_page() -> str:
    """Every contracted mart with its grain, columns, types and descriptions."""
    described: dict[str, dict[str, object]] = {}
    for path in sorted((project_dir() / "transforms" / "models" / "marts").rglob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            described[model["name"]] = model
    parts = [f"# Marts\n\n{NOTICE}The tables of every serving file, with `COMMENT`s that say the same.\n"]
    for mart, columns in MARTS.items():
        model = described[mart]
        texts = {c["name"]: c.get("description", "") for c in model["columns"]}  # type: ignore[attr-defined]
        rows = ((f"`{name}`", kind.lower(), " ".join(texts[name].split())) for name, kind in columns.items())
        parts.append(
            f"## {mart}\n\n{' '.join(str(model['description']).split())}\n\n{_table(('column', 'type', 'meaning'), rows)}"
        )
    return "\n".join(parts)


def rhythms_page() -> str:
    """How often each stream of each vendor is read, how far back, and when its numbers are gone."""
    epoch = datetime(2000, 1, 1, tzinfo=UTC)
    rows = (
        (
            beat.vendor.label, beat.stream, _span(next_due(beat, epoch, now=epoch) - epoch), _span(beat.trailing),
            _span(beat.history), _span(beat.lost_after) if beat.lost_after else "", beat.source,
        )
        for beat in RHYTHMS.values()
    )  # fmt: skip
    table = _table(("service", "stream", "read every", "again", "reaches back", "lost after", "because"), rows)
    return (
        f"# Rhythms\n\n{NOTICE}When the hourly schedule reads each stream (`connectors/rhythms.py`), see "
        "[connecting.md](connecting.md). *Again*: how far before the last reading the next one begins. *Reaches back*: the "
        "furthest that is asked for. *Lost after*: the pause from which numbers are gone for good; empty where they stay. "
        f"SMTP has nothing to read.\n\n{table}"
    )


def _span(span: timedelta) -> str:
    hours = round(span / timedelta(hours=1))
    return f"{hours} h" if hours < 48 else f"{hours / 24:g} days"


def settings_page() -> str:
    """Every `FABRIC_*` variable with its default."""
    rows = (
        (f"`FABRIC_{name.upper()}`", f"`{field.default}`", field.description)
        for name, field in Settings.model_fields.items()
    )
    return f"# Settings\n\n{NOTICE}{_table(('variable', 'default', 'meaning'), rows)}"


def commands_page() -> str:
    """The command line's own help, as Typer prints it for documentation."""
    command = [
        sys.executable,
        "-m",
        "typer",
        "orchestration.cli.main",
        "utils",
        "docs",
        "--name",
        "fabric",
        "--title",
        "Commands",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=project_dir())
    heading, _, body = done.stdout.partition("\n\n")
    return f"{heading}\n\n{NOTICE}{body.rstrip()}\n"


def assets_page() -> str:
    """The Dagster assets with group, partitions, pool and checks."""
    from models.settings import load_settings
    from orchestration.definitions import build_definitions

    with tempfile.TemporaryDirectory(prefix="fabric-docs-") as home:
        settings = load_settings().model_copy(update={"home": Path(home)})
        graph = build_definitions(settings).resolve_asset_graph()
        checks: dict[object, list[str]] = {}
        for check in graph.asset_check_keys:
            checks.setdefault(check.asset_key, []).append(check.name)
        rows = []
        for key in sorted(graph.materializable_asset_keys, key=lambda k: k.to_user_string()):
            node = graph.get(key)
            names = sorted(checks.get(key, []))
            modelled = len(key.path) > 1
            shown = (f"dbt tests: {len(names)}" if names else "") if modelled else ", ".join(names)
            parents = ", ".join(sorted(parent.to_user_string() for parent in node.parent_keys))
            rows.append((f"`{key.to_user_string()}`", node.group_name, parents, shown))
    return f"# Assets\n\n{NOTICE}{_table(('asset', 'group', 'reads', 'checks'), rows)}"


PAGES: dict[str, Callable[[], str]] = {
    "metrics.md": metrics_page,
    "marts.md": marts_page,
    "rhythms.md": rhythms_page,
    "settings.md": settings_page,
    "commands.md": commands_page,
    "assets.md": assets_page,
}


def main(arguments: list[str]) -> int:
    """Writes the pages, or with `--check` compares them; returns the exit code."""
    quiet_telemetry()
    folder = project_dir() / "docs"
    stale = []
    for name, make in PAGES.items():
        path, text = folder / name, make()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
    if "--check" in arguments and stale:
        sys.stderr.write(f"docs/ is stale: {', '.join(stale)}. Run make docs and commit what it wrote.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
