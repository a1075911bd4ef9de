"""Counts of candidates for competitors over the marts, each with the query that gives it again."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.warehouse.reader import OpenVersion
from connectors.warehouse.sqltext import literal
from connectors.warehouse.voices import other_posts, own_posts
from models.domain.evidence import Fact
from models.domain.rival import RivalCandidate, RivalSource
from models.insight.rivals import find_candidates

MOST_POSTS = 2_000


def rival_candidates(
    version: OpenVersion, workspace_id: str, *, brand: Iterable[str], known: Iterable[str]
) -> list[RivalCandidate]:
    """Candidates in own and competitors' posts, those in most posts first. `brand` and `known` name who is none."""
    own, _, _ = own_posts(version, MOST_POSTS)
    others = other_posts(version, MOST_POSTS)
    accounts = version.query("select distinct account_name as name, account_id as id from mart_posts").rows()
    mine = {*brand, *(name for row in accounts for name in row if name)}
    found = find_candidates(own, others, brand=mine, known=known)
    return [_counted(version, workspace_id, name, source) for name, source in found]


def _counted(version: OpenVersion, workspace_id: str, name: str, source: RivalSource) -> RivalCandidate:
    facts = []
    for mart, words in (("mart_posts", "Own posts"), ("mart_competitor_content", "Competitors' posts")):
        shown = f"@{name}" if source is RivalSource.HANDLE else name
        query = (
            f"select count(*) from {mart} where workspace_id = {literal(workspace_id)} "  # noqa: S608
            f"and contains(lower(concat_ws(' ', title, body)), {literal(shown.lower())})"
        )
        label, value = f"{words} that hold {shown}", float(version.scalar(query))
        facts.append(Fact(f"rival.{source}.{mart}.{name}", label, value, "posts", mart, query, version.as_of))
    return RivalCandidate(name, source, *facts)
