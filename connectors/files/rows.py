"""The second pass over an export: rows into content, observations and rejections, streamed.

Memory holds the ids seen, never the rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from connectors.files.binding import Binding, BoundMetric, BoundSum, BoundTime
from connectors.files.identity import Identity, RowRefused
from connectors.files.intake import Arguments, Counts, Progress, clip
from connectors.files.letters import plain_letters
from connectors.files.mapping import Mapping
from connectors.files.survey import is_skipped
from connectors.files.tabular import Row, Table
from connectors.files.values import CellError, check_value, parse_value
from models.domain.content import ContentRecord, EntityType, Observation, ObservationState, Record, Rejection
from models.metrics.registry import Metric


@dataclass(frozen=True)
class _Entity:
    """Who a row speaks of and when. `day` is the midnight at which the day of an account's row begins."""

    account_id: str
    account_name: str
    id: str
    published_at: datetime | None
    day: datetime | None
    day_end: datetime | None
    observed_at: datetime


@dataclass(frozen=True)
class ExportReading:
    """Streams the records of one surveyed table."""

    identity: Identity
    observed_at: datetime
    digest: str

    @property
    def table(self) -> Table:
        return self.identity.table

    @property
    def mapping(self) -> Mapping:
        return self.identity.mapping

    @property
    def binding(self) -> Binding:
        return self.identity.binding

    @property
    def arguments(self) -> Arguments:
        return self.identity.arguments

    def records(self, counts: Counts, progress: Progress) -> Iterator[Record]:
        seen: dict[bytes, tuple[int, bytes]] = {}
        described: dict[bytes, bytes] = {}
        for row in self.table.rows(progress, expected=self.digest):
            counts.rows_read += 1
            if row.problem is not None:
                yield self._refuse(counts, row, RowRefused(None, row.problem))
            elif row.blank or is_skipped(self.binding, row):
                counts.skipped += 1
            else:
                yield from self._row(row, counts, seen, described)

    def _row(
        self, row: Row, counts: Counts, seen: dict[bytes, tuple[int, bytes]], described: dict[bytes, bytes]
    ) -> Iterator[Record]:
        try:
            entity = self._entity(row)
        except RowRefused as refusal:
            yield self._refuse(counts, row, refusal)
            return
        moment = str(entity.day or (entity.observed_at.isoformat() if self.binding.observed else ""))
        key, values = _short(entity.account_id, entity.id, moment), _short(*row.cells)
        if key in seen:
            line, first = seen[key]
            if first == values:
                counts.repeated += 1
            else:
                what, column = f"the id {entity.id!r}", self.identity.id_column
                if self.binding.day is not None:
                    what, column = f"the day {row.cells[self.binding.day.index].strip()!r}", self.binding.day.column
                reason = f"{what} stands in line {line} already, with other values; line {line} was kept"
                yield self._refuse(counts, row, RowRefused(column, reason))
            return
        seen[key] = (row.line, values)
        yield from self._content(row, entity, counts, described)
        for metric in self.binding.metrics:
            yield self._observe(row, entity, metric, counts)
        for group in self.binding.sums:
            yield self._add_up(row, entity, group, counts)

    def _refuse(self, counts: Counts, row: Row, refusal: RowRefused) -> Rejection:
        raw = clip(self.table.delimiter.join(row.cells))
        return counts.refuse(Rejection(self._file, row.line, refusal.column, refusal.reason, raw))

    @property
    def _file(self) -> str:
        name = self.table.path.name
        return f"{name}, {self.table.part}" if self.table.part else name

    def _entity(self, row: Row) -> _Entity:
        """Raises `RowRefused` for a row without usable account, id or time."""
        for rule in self.binding.only:
            text = row.cells[rule.index].strip()
            if text and text.casefold() != rule.equals:
                raise RowRefused(rule.column, f"{text!r}: {rule.reason}")
        account_id, account_name = self.identity.account(row)
        entity_id = self.identity.entity_id(row, account_id)
        published = self._time(row, self.binding.time)
        observed = self._time(row, self.binding.observed) or self.observed_at
        if observed > self.arguments.landed_at and self.binding.observed is not None:
            raise RowRefused(self.binding.observed.column, "the reading lies in the future")
        if published is not None and published > observed and self.binding.time is not None:
            reason = (
                f"published {published:%Y-%m-%d %H:%M} UTC, after the numbers were read ({observed:%Y-%m-%d %H:%M} UTC)"
            )
            raise RowRefused(self.binding.time.column, reason)
        day, day_end = self._day(row, observed)
        return _Entity(account_id, account_name, entity_id, published, day, day_end, observed)

    def _day(self, row: Row, observed: datetime) -> tuple[datetime | None, datetime | None]:
        """The midnights around the row's day, in UTC; a day of a clock change has 23 or 25 hours."""
        bound = self.binding.day
        at = self._time(row, bound)
        if at is None or bound is None:
            return None, None
        midnight = at.astimezone(bound.parser.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        start = midnight.astimezone(observed.tzinfo)
        if start > observed:
            raise RowRefused(
                bound.column,
                f"the day {midnight:%Y-%m-%d} begins after the numbers were read ({observed:%Y-%m-%d %H:%M} UTC)",
            )
        return start, (midnight + timedelta(days=1)).astimezone(observed.tzinfo)

    def _time(self, row: Row, time: BoundTime | None) -> datetime | None:
        if time is None:
            return None
        try:
            return time.parser.parse(row.cells[time.index])
        except CellError as error:
            raise RowRefused(time.column, str(error)) from None

    def _content(
        self, row: Row, entity: _Entity, counts: Counts, described: dict[bytes, bytes]
    ) -> Iterator[ContentRecord]:
        """The post's description, once, and again where a later reading describes it differently."""
        if self.mapping.entity is not EntityType.POST:
            counts.readings += 1
            return
        title, body = self._words(row)
        record = ContentRecord(
            platform=self.mapping.platform,
            account_id=entity.account_id,
            account_name=entity.account_name,
            owner=self.arguments.owner,
            entity_type=self.mapping.entity,
            entity_id=entity.id,
            content_type=self._content_type(row),
            title=title,
            body=body,
            url=self._url(row, entity.id),
            published_at=entity.published_at,
            observed_at=entity.observed_at,
            tags=self._tags(row),
            payload=dict(zip(self.binding.payload_keys, row.cells, strict=True)),
            source_line=row.line,
        )
        if self.binding.observed is not None:
            key = _short(entity.account_id, entity.id)
            text = _short(*map(str, (record.content_type, record.title, record.body, record.url, record.published_at)))
            if described.get(key) == text:
                counts.readings += 1
                return
            described[key] = text
        counts.contents += 1
        yield record

    def _content_type(self, row: Row) -> str | None:
        rule, index = self.mapping.content_type_from, self.binding.content_type_from
        if rule is not None and index is not None:
            return rule.find(row.cells[index])
        return self.binding.fixed_type or self._text(row, self.binding.content_type)

    def _words(self, row: Row) -> tuple[str | None, str | None]:
        """(title, text). A caption is in one of several columns; the column it is in is not the title as well."""
        title, body = self._text(row, self.binding.title), self._text(row, self.binding.body)
        for index in self.binding.caption:
            if body := self._text(row, index):
                title = None if index == self.binding.title else title
                break
        if self.mapping.letters == "plain":
            return title and plain_letters(title), body and plain_letters(body)
        return title, body

    def _text(self, row: Row, index: int | None) -> str | None:
        return (row.cells[index].strip() or None) if index is not None else None

    def _url(self, row: Row, entity_id: str) -> str | None:
        if self.mapping.url_template is not None:
            return self.mapping.url_template.replace("{id}", quote(entity_id, safe=""))
        return self._text(row, self.binding.url)

    def _tags(self, row: Row) -> tuple[str, ...]:
        text = self._text(row, self.binding.tags)
        if text is None or self.mapping.tags is None:
            return ()
        parts = (part.strip() for part in text.split(self.mapping.tags.separator))
        return tuple(dict.fromkeys(part for part in parts if part))

    def _observe(self, row: Row, entity: _Entity, bound: BoundMetric, counts: Counts) -> Observation | Rejection:
        """The cell as an observation, without a value where it is blank, or as a rejection where it cannot be read."""
        text = row.cells[bound.index].strip()
        value: float | None = None
        if text.casefold() not in self.binding.missing:
            try:
                raw = parse_value(text, bound.conversion, self.binding.decimal)
                value = check_value(bound.metric, raw if bound.scale == 1 else round(raw * bound.scale, 9))
            except CellError as error:
                return counts.refuse(Rejection(self._file, row.line, bound.column, str(error), clip(text)), cell=True)
        return self._observation(row, entity, bound.metric, value, counts)

    def _add_up(self, row: Row, entity: _Entity, group: BoundSum, counts: Counts) -> Observation | Rejection:
        """A metric that the file gives in parts; without a value as soon as one part is blank."""
        texts = [row.cells[index].strip() for index in group.indexes]
        value: float | None = None
        if not any(text.casefold() in self.binding.missing for text in texts):
            try:
                value = check_value(
                    group.metric, sum(parse_value(text, "number", self.binding.decimal) for text in texts)
                )
            except CellError as error:
                raw = clip(" + ".join(texts))
                return counts.refuse(Rejection(self._file, row.line, group.column, str(error), raw), cell=True)
        return self._observation(row, entity, group.metric, value, counts)

    def _observation(
        self, row: Row, entity: _Entity, metric: Metric, value: float | None, counts: Counts
    ) -> Observation:
        counts.observations += 1
        start = {"lifetime": entity.published_at, "period": entity.day, "point": None}[metric.time_basis]
        return Observation(
            platform=self.mapping.platform,
            account_id=entity.account_id,
            account_name=entity.account_name,
            owner=self.arguments.owner,
            entity_type=self.mapping.entity,
            entity_id=entity.id,
            metric=metric.id,
            period_start=start,
            period_end=entity.day_end or entity.observed_at,
            value=value,
            state=ObservationState.UNAVAILABLE if value is None else ObservationState.OBSERVED,
            observed_at=entity.observed_at,
            source_line=row.line,
        )


def _short(*parts: str) -> bytes:
    """A 16-byte digest, to remember ids and rows in little memory."""
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()
