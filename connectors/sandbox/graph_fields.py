"""The Graph API's field expansion: `id,message,insights.metric(a,b){name,values},comments.limit(0).summary(true)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.graph_errors import GraphError


@dataclass(frozen=True)
class Field:
    """One requested field with its modifiers and the fields wanted below it."""

    name: str
    modifiers: Mapping[str, str] = field(default_factory=dict)
    below: tuple[Field, ...] = ()


def parse_fields(text: str) -> tuple[Field, ...]:
    """The fields of a `fields` parameter. Raises `GraphError` (code 2500) as the real parser does."""
    found, end = _list(text.replace(" ", ""), 0)
    if end != len(text.replace(" ", "")):
        raise _broken(text, end)
    return found


def shown(fields: tuple[Field, ...], known: Mapping[str, Callable[[Field], Any]], node: str) -> dict[str, Any]:
    """The wanted fields of a node; those it has no value for (None) are left out, `id` is always there."""
    row: dict[str, Any] = {}
    for wanted in fields:
        if wanted.name not in known:
            raise GraphError(f"(#100) Tried accessing nonexisting field ({wanted.name}) on node type ({node})", 100)
        value = known[wanted.name](wanted)
        if value is not None:
            row[wanted.name] = value
    if "id" in known:
        row["id"] = known["id"](Field("id"))
    return row


def _list(text: str, at: int) -> tuple[tuple[Field, ...], int]:
    found: list[Field] = []
    while at < len(text) and text[at] != "}":
        start = at
        while at < len(text) and (text[at].isalnum() or text[at] == "_"):
            at += 1
        name = text[start:at]
        if not name:
            raise _broken(text, at)
        modifiers: dict[str, str] = {}
        while at < len(text) and text[at] == ".":
            opened, closed = text.find("(", at), text.find(")", at)
            if opened < 0 or closed < opened:
                raise _broken(text, at)
            modifiers[text[at + 1 : opened]] = text[opened + 1 : closed]
            at = closed + 1
        below: tuple[Field, ...] = ()
        if at < len(text) and text[at] == "{":
            below, at = _list(text, at + 1)
            if at >= len(text):
                raise _broken(text, at)
            at += 1
        found.append(Field(name, modifiers, below))
        if at < len(text) and text[at] == ",":
            at += 1
        elif at < len(text) and text[at] != "}":
            raise _broken(text, at)
    return tuple(found), at


def _broken(text: str, at: int) -> GraphError:
    return GraphError(
        f"Syntax error \"Expected end of string instead of '{text[at : at + 1]}'.\" at character {at}", 2500
    )
