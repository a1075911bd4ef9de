"""A folder of Markdown articles with front matter, as one batch of content.

An article needs a date, in its front matter or its file's name. Drafts (`draft: true`, `published: false`) are skipped.
A changed or added file makes a new batch with all articles again; the newest description of each wins downstream.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.files.filedate import date_in_name
from connectors.files.frontmatter import Article, FrontMatterError, instant, names, split_article
from connectors.files.intake import Arguments, Counts, Prepared, Progress, changed_while_read, clip
from connectors.files.plaintext import plain_markdown
from models.domain.content import ContentRecord, EntityType, Record, Rejection
from models.domain.social import Platform
from models.errors import ImportRefused

SOURCE = "markdown_folder"
MAX_BYTES = 5 * 1024 * 1024


class _Refusal(Exception):
    def __init__(self, reason: str, *, line: int | None = None, column: str | None = None, raw: str = "") -> None:
        super().__init__(reason)
        self.line, self.column, self.raw = line, column, raw


def prepare_folder(folder: Path, arguments: Arguments, progress: Progress) -> Prepared:
    """Surveys a folder: its digest and its newest date. Raises `ImportRefused` if there is no Markdown in it."""
    files = _articles(folder)
    if not files:
        raise ImportRefused(
            f"{folder} holds no Markdown files (*.md): name the files to import one by one, or a folder of articles."
        )
    digest, newest, done = hashlib.sha256(), None, 0
    for path in files:
        content = _bytes(path)
        _feed(digest, folder, path, content)
        done += len(content)
        progress(done)
        published = _survey_date(path, content)
        if published is not None and published <= arguments.landed_at and (newest is None or published > newest):
            newest = published
    observed_at, observed_from = _observed_at(arguments, newest)
    name = folder.resolve().name
    account_id, account_name = arguments.account_of(None, None, name)
    reading = _Folder(folder, tuple(files), arguments, observed_at, account_id, account_name, digest.hexdigest())
    return Prepared(
        source=SOURCE,
        source_file=name,
        batch_id=arguments.batch_id(SOURCE, (account_id, account_name), arguments.observed_at, digest.hexdigest()),
        observed_at=observed_at,
        observed_from=observed_from,
        layout="Markdown folder",
        size=done,
        records=reading.records,
    )


def _articles(folder: Path) -> list[Path]:
    """Every *.md below the folder in a stable order; hidden folders and installed packages are left out."""
    return sorted(
        path
        for path in folder.rglob("*.md")
        if path.is_file()
        and not any(part.startswith(".") or part == "node_modules" for part in path.relative_to(folder).parts)
    )


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ImportRefused(f"{path} cannot be read ({error.strerror or error}): check its permissions.") from error


def _feed(digest: Any, folder: Path, path: Path, content: bytes) -> None:
    digest.update(f"{path.relative_to(folder).as_posix()}\n{len(content)}\n".encode())
    digest.update(content)


def _observed_at(arguments: Arguments, newest: datetime | None) -> tuple[datetime, str]:
    if arguments.observed_at is not None:
        return arguments.observed_at.astimezone(UTC), "--observed-at"
    if newest is not None:
        return newest, "the newest article, the earliest time at which the folder can have been copied"
    return arguments.landed_at, "the time of the import"


def _survey_date(path: Path, content: bytes) -> datetime | None:
    try:
        return _published(path, _article(path, content))
    except _Refusal:
        return None


def _article(path: Path, content: bytes) -> Article:
    if len(content) > MAX_BYTES:
        raise _Refusal(f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB")
    try:
        return split_article(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _Refusal(
            f"the file is not UTF-8 text: byte 0x{content[error.start]:02X} cannot be decoded", line=line
        ) from None
    except FrontMatterError as error:
        lines = content.decode("utf-8-sig", "replace").splitlines()
        raw = lines[error.line - 1] if 0 < error.line <= len(lines) else ""
        raise _Refusal(str(error), line=error.line, raw=raw) from None


def _published(path: Path, article: Article) -> datetime:
    for field in ("date", "published_at", "publishdate", "pubdate", "published"):
        value = article.fields.get(field)
        if value is None or value == "" or isinstance(value, bool):
            continue
        found = instant(value)
        if found is None:
            raise _Refusal(f"{str(value)!r} is not a date", column=field, raw=str(value))
        return found
    day = date_in_name(path.name)
    if day is None:
        raise _Refusal("the article has no date, neither in its front matter nor in its file's name")
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


@dataclass(frozen=True)
class _Folder:
    folder: Path
    files: tuple[Path, ...]
    arguments: Arguments
    observed_at: datetime
    account_id: str
    account_name: str
    digest: str

    def records(self, counts: Counts, progress: Progress) -> Iterator[Record]:
        digest, done = hashlib.sha256(), 0
        for path in self.files:
            content = _bytes(path)
            _feed(digest, self.folder, path, content)
            done += len(content)
            progress(done)
            counts.rows_read += 1
            try:
                record = self._record(path, content)
            except _Refusal as refusal:
                raw = clip(refusal.raw)
                yield counts.refuse(Rejection(self._relative(path), refusal.line, refusal.column, str(refusal), raw))
                continue
            if record is None:
                counts.skipped += 1
            else:
                counts.contents += 1
                yield record
        if digest.hexdigest() != self.digest:
            raise changed_while_read(self.folder.name)

    def _relative(self, path: Path) -> str:
        return f"{self.folder.resolve().name}/{path.relative_to(self.folder).as_posix()}"

    def _record(self, path: Path, content: bytes) -> ContentRecord | None:
        """The article, or None for a draft. Raises `_Refusal`."""
        article = _article(path, content)
        fields = article.fields
        if fields.get("draft") is True or fields.get("published") is False:
            return None
        published = _published(path, article)
        if published > self.observed_at:
            raise _Refusal(
                f"dated {published:%Y-%m-%d}, after the folder was observed ({self.observed_at:%Y-%m-%d})",
                column="date",
                raw=str(fields.get("date", path.name)),
            )
        body = plain_markdown(article.text)
        return ContentRecord(
            platform=Platform(self.arguments.platform or Platform.WEB),
            account_id=self.account_id,
            account_name=self.account_name,
            owner=self.arguments.owner,
            entity_type=EntityType.POST,
            entity_id=path.relative_to(self.folder).with_suffix("").as_posix(),
            content_type="article",
            title=_text(fields.get("title")) or _first_heading(article.text),
            body=body or None,
            url=_url(fields),
            published_at=published,
            observed_at=self.observed_at,
            tags=tuple(dict.fromkeys((*names(fields.get("tags")), *names(fields.get("categories"))))),
            payload={"front_matter": json.loads(json.dumps(fields, default=str)), "authors": list(_authors(fields))},
            source_line=1,
        )


def _text(value: object) -> str | None:
    return (" ".join(str(value).split()) or None) if value is not None and not isinstance(value, dict | list) else None


def _first_heading(text: str) -> str | None:
    match = re.search(r"^#{1,2}\s+(.+?)\s*#*$", text, re.MULTILINE)
    return plain_markdown(match[1]) if match else None


def _authors(fields: dict[str, Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*names(fields.get("authors")), *names(fields.get("author")))))


def _url(fields: dict[str, Any]) -> str | None:
    for field in ("permalink", "url", "canonical", "canonical_url", "link"):
        value = fields.get(field)
        if isinstance(value, str) and value.startswith(("http://", "https://")):
            return value
    return None
