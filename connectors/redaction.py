"""What must not be read in errors and logs: tokens, keys, passwords, addresses that carry them."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

import httpx

_NAMES = r"(?:[a-z]+_)*token|client_secret|api[-_]?key|code|code_verifier|appsecret_proof|password|upload_id"
_SECRET = re.compile(
    rf"(?i)((?<![a-z_])(?:{_NAMES})[\"']?\s*[=:]\s*[\"']?)[^&\s\"',}}]+"
    r"|(bearer|basic|oauth)\s+[A-Za-z0-9._~+/=|-]{8,}|SG\.[\w-]{8,}\.[\w-]{8,}"
)
_NAMED = re.compile(rf"(?i)(?:{_NAMES})")
_QUERY = re.compile(r"\?[^\s\"']+")
_LOGGERS = ("httpx", "httpcore", *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")))
_HEADERS = ("authorization", "api-key", "xi-api-key", "mj-api-secret")
_SHORTEST = 8
"""Characters from which on a value may be taken out of a text wherever it stands."""


def redact(text: str) -> str:
    """The text without tokens, keys and passwords, as far as they can be told by their names or form."""
    return _SECRET.sub(lambda m: f"{m.group(1) or ''}[redacted]", text)


def secrets_of(built: httpx.Request, request: Mapping[str, Any]) -> tuple[str, ...]:
    """What a request proves itself with: a vendor that repeats it in a refusal must not bring it into an error."""
    held = [built.headers.get(name, "").rpartition(" ")[2] for name in _HEADERS]
    for part in ("data", "params"):
        fields = request.get(part)
        if isinstance(fields, Mapping):
            held += [str(value) for name, value in fields.items() if _NAMED.fullmatch(str(name))]
    return tuple(value for value in held if len(value) >= _SHORTEST)


class _Redacting(logging.Filter):
    """Keeps queries out of the HTTP client's own log lines: tokens and signatures stand in them."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(_QUERY.sub("?…", record.getMessage())), ()
        return True


for _name in _LOGGERS:
    logging.getLogger(_name).addFilter(_Redacting())
