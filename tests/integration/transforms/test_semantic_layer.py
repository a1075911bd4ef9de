"""MetricFlow's answers to a marketer's questions are the marts' answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from models.metrics.registry import registry

ROOT = Path(__file__).resolve().parents[3]
BAKERY = "{{ Entity('workspace') }} = 'bakery'"
GROWING = "{{ Entity('workspace') }} = 'growing'"
VOICE = (
    "with own as (select platform, count(*) as posts, sum(engagements_public) as engagements from marts.mart_posts"
    " where workspace_id = 'bakery' group by platform), theirs as (select platform, count(*) as posts,"
    " sum(engagements_public) as engagements from marts.mart_competitor_content where workspace_id = 'bakery'"
    " group by platform) select platform, {share} from own full join theirs using (platform)"
)


@dataclass(frozen=True)
class Golden:
    """A question: what MetricFlow is asked, and the select over the marts that must give the same rows."""

    metrics: tuple[str, ...]
    group_by: tuple[str, ...]
    where: str
    sql: str


def summed(columns: str, mart: str = "mart_posts", by: str = "platform", workspace: str = "bakery") -> str:
    return f"select {by}, {columns} from marts.{mart} where workspace_id = '{workspace}' group by {by}"


QUESTIONS = {
    "posts by platform": Golden(("posts",), ("platform",), BAKERY, summed("count(*)")),
    "posts by pillar": Golden(("posts",), ("post__pillar",), BAKERY, summed("count(*)", by="topic")),
    "posts by format": Golden(
        ("posts",), ("post__content_type",), GROWING, summed("count(*)", by="content_type", workspace="growing")
    ),
    "posts by weekday": Golden(
        ("posts",), ("post__local_weekday",), GROWING, summed("count(*)", by="local_weekday", workspace="growing")
    ),
    "engagements by month": Golden(
        ("engagements_public", "posts"),
        ("metric_time__month",),
        GROWING,
        "select month, sum(engagements_public), sum(posts) from marts.mart_platform_breakdown"
        " where workspace_id = 'growing' group by month",
    ),
    "engagements with saves": Golden(("engagements_full",), ("platform",), BAKERY, summed("sum(engagements_full)")),
    "a usual post": Golden(
        ("median_engagements_public",),
        ("post__account",),
        GROWING,
        "select account_name, median_engagements_public from marts.mart_benchmark"
        " where workspace_id = 'growing' and owner = 'own'",
    ),
    "engagements per post": Golden(
        ("engagements_per_post",), ("platform",), BAKERY, summed("sum(engagements_public) / count(engagements_public)")
    ),
    "known engagements": Golden(("posts_with_engagement",), ("platform",), BAKERY, summed("count(engagements_public)")),
    "views": Golden(("views",), ("platform",), BAKERY, summed("sum(views)")),
    "impressions by day": Golden(
        ("impressions",),
        ("metric_time__day",),
        GROWING,
        summed("sum(impressions)", by="published_date", workspace="growing"),
    ),
    "standing at equal age": Golden(
        ("mean_percentile_28d", "posts_measured"),
        ("post__account",),
        GROWING,
        summed("avg(percentile_28d), count(percentile_28d)", by="account_name", workspace="growing"),
    ),
    "completeness": Golden(
        ("measured_share",),
        ("post__account",),
        GROWING,
        summed("count(percentile_28d) / count(*)", by="account_name", workspace="growing"),
    ),
    "competitors' pace": Golden(
        ("competitor_posts", "competitor_engagements_public", "median_competitor_engagements_public"),
        ("competitor_post__competitor",),
        BAKERY,
        summed(
            "count(*), sum(engagements_public), median(engagements_public)",
            mart="mart_competitor_content",
            by="competitor",
        ),
    ),
    "share of voice by posts": Golden(
        ("share_of_posts",), ("platform",), BAKERY, VOICE.format(share="own.posts / (own.posts + theirs.posts)")
    ),
    "share of voice by engagements": Golden(
        ("share_of_engagements",),
        ("platform",),
        BAKERY,
        VOICE.format(share="own.engagements / (own.engagements + theirs.engagements)"),
    ),
    "coverage of a rate": Golden(
        ("rate_coverage",),
        ("rate_day__rate",),
        BAKERY,
        summed("sum(posts_with_rate) / sum(posts)", mart="mart_rates_daily", by="rate"),
    ),
    **{
        f"rate {rate}": Golden(
            (rate,),
            ("platform",),
            GROWING,
            "select platform, sum(numerator) / nullif(sum(denominator), 0) from marts.mart_rates_daily"
            f" where workspace_id = 'growing' and rate = '{rate}' group by platform",
        )
        for rate in registry().rates
    },
}


@pytest.fixture(scope="session")
def project(built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dbt project with its artefacts in `target`, the one place where MetricFlow looks."""
    folder = tmp_path_factory.mktemp("semantic")
    for name in ("dbt_project.yml", "profiles.yml", "transforms", "models"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "target").symlink_to(built.target)
    return folder


def run(command: list[str], built: Any, project: Path, given: str = "") -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "FABRIC_WAREHOUSE": str(built.path),
        "DBT_LOG_PATH": str(project / "logs"),
        "DO_NOT_TRACK": "1",
    }
    return subprocess.run(
        command, input=given, env=environment, cwd=project, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="session")
def answers(built, project: Path) -> dict[str, list[list[Any]]]:
    """MetricFlow's rows for every question."""
    asked = [[q.metrics, q.group_by, q.where] for q in QUESTIONS.values()]
    script = str(Path(__file__).with_name("semantic_queries.py"))
    done = run([sys.executable, script], built, project, json.dumps(asked))
    assert done.returncode == 0, done.stderr[-4000:]
    return dict(zip(QUESTIONS, json.loads(done.stdout), strict=True))


def test_metricflow_finds_the_configuration_valid(built, project: Path) -> None:
    done = run([str(Path(sys.executable).with_name("mf")), "validate-configs"], built, project)
    assert done.returncode == 0, done.stdout[-4000:]
    for what in (
        "the semantics of built manifest",
        "measures against data warehouse",
        "metrics against data warehouse",
    ):
        assert f"Successfully validated {what} (ERRORS: 0, FUTURE_ERRORS: 0, WARNINGS: 0)" in done.stdout, done.stdout


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_has_the_marts_answer(built, answers, question: str) -> None:
    rows = {tuple(map(str, row[: len(QUESTIONS[question].group_by)])): row for row in answers[question]}
    golden = built.rows(QUESTIONS[question].sql)
    width = len(QUESTIONS[question].group_by)
    wanted = {tuple(str(part) for part in row[:width]): row for row in golden}
    observed = {key: row for key, row in wanted.items() if any(value is not None for value in row[width:])}
    assert observed or question.startswith("rate "), "the question has no answer to compare"
    assert {key: row for key, row in rows.items() if any(v is not None for v in row[width:])}.keys() == observed.keys()
    for key, row in observed.items():
        for told, mart in zip(rows[key][width:], row[width:], strict=True):
            assert told is None if mart is None else told == pytest.approx(float(mart), rel=1e-12), key


def test_there_is_a_metric_for_every_rate_of_the_registry(built) -> None:
    manifest = json.loads((built.target / "manifest.json").read_text())
    metrics = {metric["name"] for metric in manifest["metrics"].values()}
    assert set(registry().rates) <= metrics
    assert len(metrics) >= 20
