"""The checks at the boundary, evaluated inside `landed_batches`: what is refused, what is put aside, what is odd."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    from orchestration.quality import QualityReport

_SHOWN = 20

landed_batch_files = dg.AssetCheckSpec(
    name="landed_batch_files",
    asset="landed_batches",
    blocking=True,
    description=(
        "Every landing file of the partition can be read, holds what its footer says and has at least one row that keeps "
        "the rules. A batch that fails is refused as a whole; the others of the partition are loaded."
    ),
)
landed_batch_quality = dg.AssetCheckSpec(
    name="landed_batch_quality",
    asset="landed_batches",
    description=(
        "Great Expectations on the partition's landing files. Rows without keys, with unknown platform, owner, metric or "
        "state, with a value beside its state, a negative counter or an instant in the future go to quarantine; falling "
        "counters, repeated readings, an unusual volume and a late reading are warnings."
    ),
)


def quality_results(report: "QualityReport") -> Iterator[dg.AssetCheckResult]:
    """The report as Dagster shows it, with row counts and the first findings of each kind."""
    from models.domain.quality import Severity
    from orchestration.quality import sentence

    refused = [f"{v.batch.source_file}: {v.refused}" for v in report.refused]
    aside = [sentence(*found) for found in report.broken(Severity.QUARANTINE)]
    odd = [sentence(*found) for found in report.broken(Severity.WARNING)]
    yield dg.AssetCheckResult(
        check_name=landed_batch_files.name,
        passed=not refused,
        metadata={"batches": report.batches, "refused": len(refused), "first refused": _list(refused)},
    )
    yield dg.AssetCheckResult(
        check_name=landed_batch_quality.name,
        passed=not aside and not odd,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "batches": report.batches,
            "contents": report.contents,
            "observations": report.observations,
            "rejections": report.rejections,
            "rows in quarantine": report.quarantined,
            "warnings": len(odd),
            "first rows in quarantine": _list(aside),
            "first warnings": _list(odd),
        },
    )


def _list(sentences: list[str]) -> dg.MetadataValue:
    return dg.MetadataValue.md("\n".join(f"- {text}" for text in sentences[:_SHOWN]) or "none")
