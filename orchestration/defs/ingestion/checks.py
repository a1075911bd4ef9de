"""The blocking check at the boundary, evaluated inside `landed_batches` before anything is loaded."""

from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    from orchestration.quality import QualityReport

landed_batch_quality = dg.AssetCheckSpec(
    name="landed_batch_quality",
    asset="landed_batches",
    blocking=True,
    description=(
        "Great Expectations on the partition's landing files: keys are there; platform, owner, metric and state are known; "
        "a value stands exactly with state observed; counters are not negative; nothing was observed in the future."
    ),
)


def quality_result(report: "QualityReport") -> dg.AssetCheckResult:
    """The report as Dagster shows it, with row counts and the first broken rules."""
    return dg.AssetCheckResult(
        check_name=landed_batch_quality.name,
        passed=report.passed,
        metadata={
            "batches": report.batches,
            "contents": report.contents,
            "observations": report.observations,
            "rejections": report.rejections,
            "broken rules": len(report.breaches),
            "first broken rules": dg.MetadataValue.md("\n".join(f"- {b}" for b in report.breaches[:20]) or "none"),
        },
    )
