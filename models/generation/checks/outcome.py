"""Which findings refuse a draft, and which only tell."""

from __future__ import annotations

from collections.abc import Mapping

NOT_JUDGED = "Not judged: "
NOTE = "Note: "


def not_judged(reason: str) -> str:
    """A finding that says why a check did not judge."""
    return f"{NOT_JUDGED}{reason}."


def note(text: str) -> str:
    """A finding that informs and refuses nothing."""
    return f"{NOTE}{text}"


def refuses(finding: str) -> bool:
    """Whether a finding says that the draft did not pass."""
    return bool(finding) and not finding.startswith((NOT_JUDGED, NOTE))


def refusals(findings: Mapping[str, str]) -> tuple[str, ...]:
    """What did not pass, each with the name of its check: "Links: not on the list …"."""
    return tuple(f"{name}: {finding}" for name, finding in findings.items() if refuses(finding))
