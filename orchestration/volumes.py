"""How large a batch usually is and when it was expected: from the batches of the same source that landed before it."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from connectors.rhythms import RHYTHMS
from connectors.warehouse.landing import LandedBatch
from connectors.warehouse.verdicts import LoadedVolume

WEEKDAYS_NEEDED = 4
"""Earlier batches of the same weekday without which nothing is said about a volume."""
WEEKDAYS_USED = 8
_SPREAD = 4.0
_MAD_TO_DEVIATION = 1.4826
"""Median absolute deviation → standard deviation of a normal distribution."""
_LEAST = 0.5
"""A batch within half of the median is never unusual, however steady the series was."""
_MISSED = 1.5
"""A reading is late when its pause was longer than this many times the promised one."""


@dataclass(frozen=True)
class Expected:
    """What a batch was held against. `rows_off`: rows beyond the usual range, 0 inside, None without enough weekdays;
    `hours_late`: hours beyond the promised pause, 0 in time, None for the first reading and for sources without a rhythm."""

    rows: int
    usual: float | None
    rows_off: float | None
    hours_late: float | None

    def words(self, rule: str) -> str:
        if rule == "usual_volume" and self.usual is not None:
            return f"{self.rows:,} rows; {self.usual:,.0f} are usual on this weekday"
        if rule == "in_rhythm" and self.hours_late is not None:
            return f"read {self.hours_late:,.0f} hours late"
        return ""


def loaded_volume(batch: LandedBatch, left_out: int) -> LoadedVolume:
    """What a batch holds once it is loaded without the rows left out."""
    rows = batch.contents + batch.observations - left_out
    return LoadedVolume(
        batch.workspace_id, batch.source, batch.source_file, batch.batch_id, batch.observed_at, batch.landed_at, rows
    )


def promised_hours(source: str) -> float | None:
    """Hours between two readings of a connected account's stream (`api_<vendor>_<stream>`); None for files and feeds."""
    return _BEATS.get(source)


def expected(batches: Sequence[LoadedVolume], history: Iterable[LoadedVolume]) -> dict[str, Expected]:
    """By `workspace/source/batch id`, what each of `batches` is held against: batches of the same series that landed
    earlier. A series is one source of a workspace, for connected accounts one account's stream."""
    series: dict[tuple[str, ...], list[LoadedVolume]] = defaultdict(list)
    wanted = {(b.workspace_id, b.source, b.batch_id) for b in batches}
    for volume in (*batches, *(v for v in history if (v.workspace_id, v.source, v.batch_id) not in wanted)):
        of_account = volume.source_file if volume.source in _BEATS else ""
        series[(volume.workspace_id, volume.source, of_account)].append(volume)
    found: dict[str, Expected] = {}
    for members in series.values():
        members.sort(key=lambda v: (v.landed_at, v.batch_id))
        earlier: list[datetime] = []
        rows_on: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
        for volume in members:
            day = volume.observed_at.astimezone(UTC)
            if (volume.workspace_id, volume.source, volume.batch_id) in wanted:
                key = f"{volume.workspace_id}/{volume.source}/{volume.batch_id}"
                same = [rows for at, rows in rows_on[day.weekday()] if at.date() < day.date()]
                found[key] = _held_against(volume, same[-WEEKDAYS_USED:], earlier)
            rows_on[day.weekday()].append((day, volume.rows))
            earlier.insert(bisect_left(earlier, volume.observed_at), volume.observed_at)
    return found


def _held_against(volume: LoadedVolume, same: Sequence[int], earlier: Sequence[datetime]) -> Expected:
    usual = off = None
    if len(same) >= WEEKDAYS_NEEDED:
        usual = float(median(same))
        spread = _MAD_TO_DEVIATION * median(abs(rows - usual) for rows in same)
        off = max(0.0, abs(volume.rows - usual) - max(_SPREAD * spread, _LEAST * usual))
    late = None
    promised = promised_hours(volume.source)
    before = bisect_left(earlier, volume.observed_at)
    if promised is not None and before:
        pause = (volume.observed_at - earlier[before - 1]).total_seconds() / 3600
        late = max(0.0, pause - promised) if pause > _MISSED * promised else 0.0
    return Expected(volume.rows, usual, off, late)


_BEATS = {
    f"api_{vendor.value}_{stream.value}": rhythm.every.total_seconds() / 3600
    for (vendor, stream), rhythm in RHYTHMS.items()
}
