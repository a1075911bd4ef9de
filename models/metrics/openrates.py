"""Open rates of e-mail that know of machine opens: raw, confirmed and corrected.

Apple Mail Privacy Protection and the like load the tracking picture of nearly every message by themselves. With `sent`
and `bounces` messages, `opens` recipients with an open of any kind and `machine_opens` of these by a machine:

    raw       = opens ÷ (sent − bounces)
    confirmed = (opens − machine_opens) ÷ (sent − bounces)                  a lower bound: machine recipients count as unread
    corrected = (opens − machine_opens) ÷ (sent − bounces − machine_opens)  recipients whose opening can be told at all

Example: 3,000 sent, 50 bounced, 1,100 opens, 100 of them by machines: raw 37.3 %, confirmed 33.9 %, corrected 35.1 %.
A rate is None when a number it needs is missing or its denominator is not positive; nothing missing is taken as zero.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class OpenRates:
    """Shares between 0 and 1; None where they cannot be told."""

    raw: float | None
    confirmed: float | None
    corrected: float | None


def open_rates(
    *, sent: float | None, bounces: float | None, opens: float | None, machine_opens: float | None
) -> OpenRates:
    """The three rates of one campaign, or of several whose counts were summed first."""
    return OpenRates(
        raw=raw_open_rate(sent, bounces, opens),
        confirmed=confirmed_open_rate(sent, bounces, opens, machine_opens),
        corrected=corrected_open_rate(sent, bounces, opens, machine_opens),
    )


def raw_open_rate(sent: float | None, bounces: float | None, opens: float | None) -> float | None:
    """Opens of any kind per delivered message."""
    if sent is None or bounces is None or opens is None:
        return None
    return _share(opens, sent - bounces)


def confirmed_open_rate(
    sent: float | None, bounces: float | None, opens: float | None, machine_opens: float | None
) -> float | None:
    """Opens by people per delivered message."""
    if sent is None or bounces is None or opens is None or machine_opens is None:
        return None
    return _share(opens - machine_opens, sent - bounces)


def corrected_open_rate(
    sent: float | None, bounces: float | None, opens: float | None, machine_opens: float | None
) -> float | None:
    """Opens by people per delivered message that no machine opened."""
    if sent is None or bounces is None or opens is None or machine_opens is None:
        return None
    return _share(opens - machine_opens, sent - bounces - machine_opens)


def _share(part: float, whole: float) -> float | None:
    """None without a positive denominator, and for vendors' numbers that contradict each other."""
    return part / whole if whole > 0 and 0 <= part <= whole else None
