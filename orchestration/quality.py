"""The quality gate at the boundary: what a landed batch must satisfy before its rows may enter the warehouse.

Row rules put the rows that break them aside, rules about a whole batch warn, and a batch of which nothing can be used is
refused. A verdict depends on the batch's own file and, for warnings, on the batches that landed before it, so a warehouse
rebuilt from landing has the same ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connectors.warehouse.judging import ENUMS, JUDGED, Profile, profile
from connectors.warehouse.landing import LandedBatch
from connectors.warehouse.schema import Kind
from connectors.warehouse.verdicts import LoadedVolume, RuleResult, Verdict
from models.domain.quality import RULES, Severity
from orchestration.expectations import Finding, batch_findings, row_findings
from orchestration.volumes import expected, loaded_volume

if TYPE_CHECKING:
    import polars as pl

_EXAMPLES = 3
_KINDS = (Kind.CONTENT.value, Kind.OBSERVATION.value)
_RANKS = {rule: rank for rank, rule in enumerate(RULES)}


@dataclass(frozen=True)
class QualityReport:
    """What was looked at, in rows, and the verdict on each batch by its key."""

    batches: int
    contents: int
    observations: int
    rejections: int
    verdicts: Mapping[str, Verdict]

    @property
    def refused(self) -> tuple[Verdict, ...]:
        return tuple(v for v in self.verdicts.values() if v.refused is not None)

    @property
    def quarantined(self) -> int:
        """Rows that break at least one rule, of the batches that load."""
        return sum(v.rows_left_out for v in self.verdicts.values() if v.refused is None)

    def broken(self, severity: Severity) -> list[tuple[Verdict, RuleResult]]:
        """The broken rules of one severity, in the order of the batches."""
        return [(v, r) for v in self.verdicts.values() for r in v.results if r.severity is severity and r.rows_failed]


def sentence(verdict: Verdict, result: RuleResult) -> str:
    """One line about a broken rule for a person."""
    shown = f" (such as {result.examples})" if result.examples else ""
    where = verdict.batch.source_file
    if result.kind == "batch":
        return f"{where}: does not keep the rule that {RULES[result.rule].asks}{shown}"
    return (
        f"{where}: {result.rows_failed:,} of {result.rows_checked:,} {result.kind} rows break the rule that "
        f"{RULES[result.rule].asks}: {result.column}{shown}"
    )


def check_batches(batches: Sequence[LandedBatch], history: Iterable[LoadedVolume] = ()) -> QualityReport:
    """Judges landing files; `history` is what the batches loaded before held (`Warehouse.volumes`).

    The files are reduced to distinct combinations first, all together, and Great Expectations judges those.
    """
    ordered = sorted(batches, key=lambda b: (b.landed_at, b.batch_id, b.key))
    seen = profile([batch for batch in ordered if not batch.problem])
    breaches = {kind: _breaches(seen, kind) for kind in _KINDS}
    failing = _failing(seen, breaches)
    verdicts = {batch.key: _verdict(batch, seen, breaches, failing.get(batch.key)) for batch in ordered}
    sound = [verdict for verdict in verdicts.values() if verdict.refused is None]
    for verdict, warnings in _batch_rules(sound, seen, history):
        verdicts[verdict.batch.key] = replace(verdict, results=(*verdict.results, *warnings))
    return QualityReport(
        batches=len(ordered),
        contents=sum(b.contents for b in ordered),
        observations=sum(b.observations for b in ordered),
        rejections=sum(b.rejections for b in ordered),
        verdicts=verdicts,
    )


@dataclass(frozen=True)
class _Breach:
    """One rule on one column: the positions of the combinations that break it, and their rows by batch key."""

    finding: Finding
    rows: Mapping[str, int]

    def result(self, kind: str, key: str, checked: int) -> RuleResult:
        failed = self.rows.get(key, 0)
        examples = ", ".join(self.finding.values[:_EXAMPLES]) if failed and self.finding.column in ENUMS else ""
        rule = RULES[self.finding.rule]
        return RuleResult(kind, rule.id, self.finding.column, rule.severity, checked, failed, examples)


def _of_kind(seen: Profile, kind: str) -> pl.DataFrame:
    import polars as pl

    return seen.combinations.filter(pl.col("kind") == kind) if seen.combinations.height else seen.combinations


def _breaches(seen: Profile, kind: str) -> list[_Breach]:
    frame = _of_kind(seen, kind)
    if not frame.height:
        return []
    keys, rows = frame["key"].to_list(), frame["rows"].to_list()
    found = []
    for finding in row_findings(kind, frame.select(JUDGED)):
        failed: Counter[str] = Counter()
        for position in finding.rows:
            failed[keys[position]] += rows[position]
        found.append(_Breach(finding, failed))
    return found


def _failing(seen: Profile, breaches: Mapping[str, Sequence[_Breach]]) -> dict[str, pl.DataFrame]:
    """By batch key, the combinations that go to quarantine with the rule that puts them there."""
    import polars as pl

    parts = [
        _of_kind(seen, kind)[list(breach.finding.rows)].with_columns(
            rule=pl.lit(breach.finding.rule),
            column_name=pl.lit(breach.finding.column),
            rank=pl.lit(1000 * _RANKS[breach.finding.rule] + number),
        )
        for kind, found in breaches.items()
        for number, breach in enumerate(found)
        if breach.finding.rows and RULES[breach.finding.rule].severity is Severity.QUARANTINE
    ]
    if not parts:
        return {}
    return {str(key[0]): part for key, part in pl.concat(parts).partition_by("key", as_dict=True).items()}


def _verdict(
    batch: LandedBatch, seen: Profile, breaches: Mapping[str, Sequence[_Breach]], failing: pl.DataFrame | None
) -> Verdict:
    checked = {Kind.CONTENT.value: batch.contents, Kind.OBSERVATION.value: batch.observations}
    total = sum(checked.values())
    problem = batch.problem or seen.unreadable.get(batch.key) or _miscounted(batch, seen)
    sound = RuleResult("batch", "file_is_sound", "", Severity.REFUSAL, total, total if problem else 0, problem)
    if problem:
        told = f"its landing file cannot be read or does not hold what its footer says ({problem})"
        return Verdict(batch, told, (replace(sound, rows_failed=max(1, total)),))
    results = [b.result(kind, batch.key, checked[kind]) for kind in _KINDS if checked[kind] for b in breaches[kind]]
    left_out = 0 if failing is None else int(failing.unique(["kind", *JUDGED])["rows"].sum())
    usable = RuleResult(
        "batch", "some_row_is_sound", "", Severity.REFUSAL, total, total if total and left_out == total else 0
    )
    results += [sound, usable]
    reason = None
    if usable.rows_failed:
        worst = max((r for r in results if r.severity is Severity.QUARANTINE), key=lambda r: r.rows_failed)
        shown = f", such as {worst.examples}" if worst.examples else ""
        reason = (
            f"none of its {total:,} rows keeps the rules; most break “{RULES[worst.rule].asks}” ({worst.column}{shown})"
        )
    return Verdict(batch, reason, tuple(results), None if reason else failing, 0 if reason else left_out)


def _miscounted(batch: LandedBatch, seen: Profile) -> str:
    """What is wrong with the number of rows of each kind beside the footer; empty when nothing is."""
    found = seen.counts.get(batch.key, {})
    said = {"content": batch.contents, "observation": batch.observations, "rejection": batch.rejections}
    differing = [k for k in sorted({*said, *found}) if said.get(k, 0) != found.get(k, 0)]
    return ", ".join(f"{found.get(k, 0)} {k} rows instead of {said.get(k, 0)}" for k in differing)


def _batch_rules(
    sound: Sequence[Verdict], seen: Profile, history: Iterable[LoadedVolume]
) -> Iterator[tuple[Verdict, list[RuleResult]]]:
    """The rules about whole batches, as warnings on each sound batch."""
    if not sound:
        return
    import polars as pl

    volumes = [loaded_volume(v.batch, v.rows_left_out) for v in sound]
    usual = expected(volumes, history)
    facts = {row["key"]: row for row in seen.facts.iter_rows(named=True)} if seen.facts.height else {}
    frame = pl.DataFrame(
        {
            "falls": [(facts.get(v.batch.key) or {}).get("falls") for v in sound],
            "repeated": [(facts.get(v.batch.key) or {}).get("repeated") for v in sound],
            "rows_off": [usual[v.batch.key].rows_off for v in sound],
            "hours_late": [usual[v.batch.key].hours_late for v in sound],
        },
        schema=dict.fromkeys(("falls", "repeated", "rows_off", "hours_late"), pl.Float64),
        strict=False,
    )
    results: list[list[RuleResult]] = [[] for _ in sound]
    for finding in batch_findings(frame):
        broken = set(finding.rows)
        for position, verdict in enumerate(sound):
            batch = verdict.batch
            value = frame[finding.column][position]
            failed = (
                int(max(1, value))
                if position in broken and finding.column in ("falls", "repeated")
                else int(position in broken)
            )
            words = usual[batch.key].words(finding.rule) if position in broken else ""
            checked = batch.observations if finding.column in ("falls", "repeated") else 1
            if value is None:
                continue
            results[position].append(
                RuleResult("batch", finding.rule, finding.column, Severity.WARNING, checked, failed, words)
            )
    yield from zip(sound, results, strict=True)
