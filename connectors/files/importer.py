"""`fabric import`: one file, folder or feed into one landing batch.

The same content lands once: the batch id is a digest of the bytes and of everything that decides their meaning. A
killed import leaves nothing behind; running it again lands the same batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import available_timezones

from connectors.competitors.feeds import is_url, looks_like_feed, prepare_feed_file, prepare_feed_url
from connectors.files.comparing import News, compare, earlier_files
from connectors.files.export import prepare_export
from connectors.files.intake import Arguments, Counts, Prepared, Recognised
from connectors.files.markdown import prepare_folder
from connectors.files.tabular import read_head
from connectors.warehouse.landing import LandingStore
from models.domain.content import Batch, Record, Rejection
from models.domain.social import Platform
from models.errors import ImportRefused


@dataclass(frozen=True)
class ImportSummary:
    """What became of every row: `rows_read = contents + readings + rows_rejected + repeated + skipped`.

    `rejected` counts all rejections: whole rows (`rows_rejected`) and single cells of rows that otherwise loaded.
    `readings` are rows that only add numbers (another reading of a post, or one of an account); `skipped` are total
    lines, blank lines and draft articles. `observed_from` says where `observed_at` comes from. `examples` are the first
    few rejections.

    Beside what landed before from the same source, every observation is new, known (it repeats the newest value) or
    changed: `observations = observations_new + observations_known + observations_changed`. All three are None where an
    earlier landing file could not be read, which a note then says.
    """

    source: str
    source_file: str
    batch_id: str
    already_known: bool
    rows_read: int
    contents: int
    observations: int
    rejected: int
    repeated: int
    path: Path
    layout: str
    readings: int = 0
    skipped: int = 0
    rows_rejected: int = 0
    observed_at: datetime | None = None
    observed_from: str = ""
    notes: tuple[str, ...] = ()
    examples: tuple[Rejection, ...] = ()
    recognised: tuple[Recognised, ...] = ()
    observations_new: int | None = None
    observations_known: int | None = None
    observations_changed: int | None = None

    def beside(self, news: News | None) -> ImportSummary:
        """This summary with what is news in it."""
        if news is None:
            return replace(self, notes=(*self.notes, UNREADABLE))
        return replace(self, observations_new=news.new, observations_known=news.same, observations_changed=news.changed)


UNREADABLE = (
    "What is new in it was not counted, because an earlier landing file of this source cannot be read: fabric build names "
    "the file and its repair."
)


def import_path(
    path_or_url: str,
    *,
    workspace_id: str,
    landing: LandingStore,
    landed_at: datetime,
    observed_at: datetime | None = None,
    platform: str | None = None,
    mapping: Path | None = None,
    competitor: str | None = None,
    account: str | None = None,
    zone: str | None = None,
    strict: bool = False,
    progress: Callable[[int, int], None] | None = None,
    allow_loopback: bool = False,
) -> ImportSummary:
    """Imports one source. Raises `ImportRefused`, with nothing stored, if it cannot be read, or with `strict` if any
    row or cell was refused. `zone` is the IANA zone of the file's local times, where it is not the layout's. `progress` is
    told bytes done and bytes in all."""
    arguments = Arguments(
        workspace_id=workspace_id,
        landed_at=landed_at,
        observed_at=observed_at,
        platform=_platform(platform),
        mapping=mapping,
        competitor=(competitor or "").strip() or None,
        account=(account or "").strip() or None,
        zone=_zone(zone),
    )
    meter = _Meter(progress, passes=3 if strict else 2)
    prepared = _prepare(path_or_url, arguments, meter, allow_loopback=allow_loopback)
    meter.total = prepared.size
    meter.next_pass()
    if strict:
        _refuse_any(prepared, prepared.dry_run(meter))
        meter.next_pass()
    counts = Counts()
    batch = Batch(
        workspace_id=workspace_id,
        source=prepared.source,
        batch_id=prepared.batch_id,
        observed_at=prepared.observed_at,
        source_file=prepared.source_file,
        records=prepared.records(counts, meter),
    )
    landed = landing.land(batch, landed_at)
    if not landed.written:
        counts = prepared.dry_run(meter)
    meter.finish()
    summary = ImportSummary(
        source=prepared.source,
        source_file=prepared.source_file,
        batch_id=prepared.batch_id,
        already_known=not landed.written,
        rows_read=counts.rows_read,
        contents=counts.contents,
        observations=counts.observations,
        rejected=counts.rejected + counts.rejected_cells,
        repeated=counts.repeated,
        path=landed.path,
        layout=prepared.layout,
        readings=counts.readings,
        skipped=counts.skipped,
        rows_rejected=counts.rejected,
        observed_at=landed.observed_at,
        observed_from=prepared.observed_from,
        notes=prepared.notes,
        examples=tuple(counts.examples),
        recognised=prepared.recognised,
    )
    if not landed.written:
        return summary.beside(News(same=counts.observations))
    return summary.beside(compare(landed.path, earlier_files(landed.path)) if counts.observations else News())


def read_source(
    path_or_url: str,
    *,
    workspace_id: str,
    landed_at: datetime,
    observed_at: datetime | None = None,
    platform: str | None = None,
    mapping: Path | None = None,
    account: str | None = None,
    zone: str | None = None,
) -> tuple[Prepared, list[Record]]:
    """What an import of one source would land, without landing it. Raises `ImportRefused` if it cannot be read."""
    arguments = Arguments(
        workspace_id=workspace_id,
        landed_at=landed_at,
        observed_at=observed_at,
        platform=_platform(platform),
        mapping=mapping,
        account=(account or "").strip() or None,
        zone=_zone(zone),
    )
    meter = _Meter(None, passes=2)
    prepared = _prepare(path_or_url, arguments, meter, allow_loopback=False)
    return prepared, list(prepared.records(Counts(), meter))


def _zone(name: str | None) -> str | None:
    if name is not None and name not in available_timezones():
        raise ImportRefused(f"Zone {name!r} is not known: use an IANA time zone such as Europe/Berlin.")
    return name


def _platform(name: str | None) -> str | None:
    if name is None:
        return None
    known = [platform.value for platform in Platform]
    if name.strip().lower() not in known:
        raise ImportRefused(f"Platform {name!r} is not known: use one of {', '.join(known)}.")
    return name.strip().lower()


def _prepare(path_or_url: str, arguments: Arguments, meter: _Meter, *, allow_loopback: bool) -> Prepared:
    if is_url(path_or_url):
        return prepare_feed_url(path_or_url, arguments, allow_loopback=allow_loopback)
    path = Path(path_or_url).expanduser()
    if path.is_dir():
        return prepare_folder(path, arguments, meter)
    head = read_head(path, workbooks=arguments.mapping is None)
    meter.total = path.stat().st_size
    if arguments.mapping is None and looks_like_feed(head):
        return prepare_feed_file(path, arguments)
    return prepare_export(path, arguments, meter)


def _refuse_any(prepared: Prepared, counts: Counts) -> None:
    if not counts.rejected and not counts.rejected_cells:
        return
    first = counts.examples[0]
    where = f"line {first.source_line}" if first.source_line is not None else first.source_file
    column = f", column {first.column!r}" if first.column else ""
    raise ImportRefused(
        f"{prepared.source_file} was refused as a whole because of --strict: {counts.rejected:,} of "
        f"{counts.rows_read:,} rows and {counts.rejected_cells:,} cells cannot be used; the first is {where}{column}: "
        f"{first.reason}."
    )


class _Meter:
    """Several passes over a source as one progress from 0 to its size."""

    def __init__(self, progress: Callable[[int, int], None] | None, passes: int) -> None:
        self._progress, self._passes, self._pass = progress, passes, 0
        self.total = 0

    def __call__(self, done: int) -> None:
        if self._progress is not None and self.total:
            self._progress(min((self._pass * self.total + done) // self._passes, self.total), self.total)

    def next_pass(self) -> None:
        self._pass = min(self._pass + 1, self._passes - 1)

    def finish(self) -> None:
        if self._progress is not None:
            self._progress(self.total, self.total)
