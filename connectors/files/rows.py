"""The second pass over an export: rows into content, observations and rejections, streamed.

Memory holds the ids seen, never the rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from connectors.files.binding import Binding, BoundMetric, BoundTime
from connectors.files.intake import Arguments, Counts, Progress, clip
from connectors.files.mapping import Mapping
from connectors.files.tabular import Row, Table
from connectors.files.values import CellError, check_value, mangled_id, parse_value
from models.domain.content import ContentRecord, EntityType, Observation, ObservationState, Record, Rejection


class _Refusal(Exception):
    """A row that cannot be used, with the column that is to blame."""

    def __init__(self, column: str | None, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


@dataclass(frozen=True)
class _Entity:
    """Who a row speaks of and when."""

    account_id: str
    account_name: str
    id: str
    published_at: datetime | None
    observed_at: datetime


@dataclass(frozen=True)
class ExportReading:
    """Streams the records of one surveyed file."""

    table: Table
    mapping: Mapping
    binding: Binding
    arguments: Arguments
    observed_at: datetime
    account_id: str
    account_name: str
    digest: str

    def records(self, counts: Counts, progress: Progress) -> Iterator[Record]:
        seen: dict[bytes, tuple[int, bytes]] = {}
        described: dict[bytes, bytes] = {}
        for row in self.table.rows(progress, expected=self.digest):
            counts.rows_read += 1
            if row.problem is not None:
                yield self._refuse(counts, row, _Refusal(None, row.problem))
            elif row.blank or self._is_skipped(row):
                counts.skipped += 1
            else:
                yield from self._row(row, counts, seen, described)

    def _row(
        self, row: Row, counts: Counts, seen: dict[bytes, tuple[int, bytes]], described: dict[bytes, bytes]
    ) -> Iterator[Record]:
        try:
            entity = self._entity(row)
        except _Refusal as refusal:
            yield self._refuse(counts, row, refusal)
            return
        moment = entity.observed_at.isoformat() if self.binding.observed else ""
        key, values = _short(entity.account_id, entity.id, moment), _short(*row.cells)
        if key in seen:
            line, first = seen[key]
            if first == values:
                counts.repeated += 1
            else:
                reason = f"the id {entity.id!r} stands in line {line} already, with other values; line {line} was kept"
                yield self._refuse(counts, row, _Refusal(self._id_column(), reason))
            return
        seen[key] = (row.line, values)
        yield from self._content(row, entity, counts, described)
        for metric in self.binding.metrics:
            yield self._observe(row, entity, metric, counts)

    def _is_skipped(self, row: Row) -> bool:
        return any(row.cells[index].strip().casefold() == text for index, text in self.binding.skip)

    def _refuse(self, counts: Counts, row: Row, refusal: _Refusal) -> Rejection:
        raw = clip(self.table.delimiter.join(row.cells))
        return counts.refuse(Rejection(self.table.path.name, row.line, refusal.column, refusal.reason, raw))

    def _id_column(self) -> str | None:
        return self.table.columns[self.binding.id] if self.binding.id is not None else None

    def _entity(self, row: Row) -> _Entity:
        """Raises `_Refusal` for a row without usable account, id or time."""
        account_id, account_name = self._account(row)
        entity_id = account_id
        if self.binding.id is not None:
            entity_id = row.cells[self.binding.id].strip()
            if reason := mangled_id(entity_id):
                raise _Refusal(self._id_column(), reason)
        published = self._time(row, self.binding.time)
        observed = self._time(row, self.binding.observed) or self.observed_at
        if observed > self.arguments.landed_at and self.binding.observed is not None:
            raise _Refusal(self.binding.observed.column, "the reading lies in the future")
        if published is not None and published > observed and self.binding.time is not None:
            reason = (
                f"published {published:%Y-%m-%d %H:%M} UTC, after the numbers were read ({observed:%Y-%m-%d %H:%M} UTC)"
            )
            raise _Refusal(self.binding.time.column, reason)
        return _Entity(account_id, account_name, entity_id, published, observed)

    def _account(self, row: Row) -> tuple[str, str]:
        if self.binding.account is None:
            return self.account_id, self.account_name
        rule, column = self.mapping.account, self.table.columns[self.binding.account]
        account_id = row.cells[self.binding.account].strip()
        if reason := mangled_id(account_id):
            raise _Refusal(column, reason)
        if rule.split:
            parts = account_id.split(rule.split)
            if len(parts) < 2 or not -len(parts) <= rule.part < len(parts) or not parts[rule.part]:
                raise _Refusal(column, f"{account_id!r} does not tell the account: there is no {rule.split!r} in it")
            account_id = parts[rule.part]
        name = None
        if self.binding.account_name is not None:
            name = row.cells[self.binding.account_name].strip() or None
        if name is None and (rule.name or rule.name_from_file) and self.account_name != self.mapping.platform.label:
            name = self.account_name
        return self.arguments.account_of(account_id, name, self.account_id)

    def _time(self, row: Row, time: BoundTime | None) -> datetime | None:
        if time is None:
            return None
        try:
            return time.parser.parse(row.cells[time.index])
        except CellError as error:
            raise _Refusal(time.column, str(error)) from None

    def _content(
        self, row: Row, entity: _Entity, counts: Counts, described: dict[bytes, bytes]
    ) -> Iterator[ContentRecord]:
        """The post's description, once, and again where a later reading describes it differently."""
        if self.mapping.entity is EntityType.ACCOUNT:
            counts.readings += 1
            return
        record = ContentRecord(
            platform=self.mapping.platform,
            account_id=entity.account_id,
            account_name=entity.account_name,
            owner=self.arguments.owner,
            entity_type=self.mapping.entity,
            entity_id=entity.id,
            content_type=self.binding.fixed_type or self._text(row, self.binding.content_type),
            title=self._text(row, self.binding.title),
            body=self._text(row, self.binding.body),
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
                raw = parse_value(text, bound.conversion, self.mapping.decimal)
                value = check_value(bound.metric, raw * bound.scale)
            except CellError as error:
                return counts.refuse(
                    Rejection(self.table.path.name, row.line, bound.column, str(error), clip(text)), cell=True
                )
        counts.observations += 1
        return Observation(
            platform=self.mapping.platform,
            account_id=entity.account_id,
            account_name=entity.account_name,
            owner=self.arguments.owner,
            entity_type=self.mapping.entity,
            entity_id=entity.id,
            metric=bound.metric.id,
            period_start=entity.published_at if bound.metric.time_basis == "lifetime" else None,
            period_end=entity.observed_at,
            value=value,
            state=ObservationState.UNAVAILABLE if value is None else ObservationState.OBSERVED,
            observed_at=entity.observed_at,
            source_line=row.line,
        )


def _short(*parts: str) -> bytes:
    """A 16-byte digest, to remember ids and rows in little memory."""
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()
