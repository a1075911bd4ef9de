"""Which models may answer a request, the cheapest first, and why the others may not. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from models.domain.ai import Modality, ModelSpec, TextRequest, Tier
from models.routing.health import Condition
from models.routing.money import dollars, expected_microusd, expected_tokens, most_microusd


@dataclass(frozen=True)
class Rules:
    """What holds for every choice of a workspace. A model without a known price has no bound that a budget could hold."""

    allow_unpriced: bool = False


@dataclass(frozen=True)
class Offer:
    """A model that may answer: what it is expected to cost, and at most, in millionths of a US dollar; None: unpriced."""

    spec: ModelSpec
    expected_microusd: int | None
    most_microusd: int | None
    condition: Condition
    in_time: bool


@dataclass(frozen=True)
class Choice:
    """`offers` in the order in which to try them. `resting` are left alone for now, the first to be back first.

    `too_dear` fit in all but the budget, the cheapest first. `unfit` says by model id why it cannot answer at all.
    """

    offers: tuple[Offer, ...]
    resting: tuple[Offer, ...]
    too_dear: tuple[Offer, ...]
    unfit: dict[str, str]


def choose(
    request: TextRequest[Any], specs: Sequence[ModelSpec], condition_of: Callable[[str], Condition], *,
    left: int | None, seconds_left: float, rules: Rules, now: datetime, made_share: float = 1.0,
) -> Choice:  # fmt: skip
    """Sorts the models for one request.

    One may answer that is of the request's tier or better, gives structured answers, has room for prompt and answer, and
    costs at most what is left of the budget. First those expected to answer in time, the cheapest first, then the slower
    ones, the fastest first. Unpriced ones come last where they are allowed. The model's id decides between equals.
    `made_share` is how much of its limit of tokens an answer is expected to fill; a model whose answers often cannot be used
    is taken to cost as much more.
    """
    offers, resting, too_dear, unfit, today = [], [], [], {}, now.date()
    for spec in specs:
        reason = _unfit(request, spec, rules, today)
        if reason is not None:
            unfit[spec.id] = reason
            continue
        condition = condition_of(spec.id)
        expected = expected_microusd(spec, request, made_share)
        if expected is not None:
            expected = round(expected / max(condition.usable, 0.05))
        in_time = condition.seconds is None or condition.seconds <= seconds_left
        offer = Offer(spec, expected, most_microusd(spec, request), condition, in_time)
        if left is not None and offer.most_microusd is not None and offer.most_microusd > left:
            too_dear.append(offer)
        elif condition.until is not None:
            resting.append(offer)
        else:
            offers.append(offer)
    return Choice(
        tuple(sorted(offers, key=_order)),
        tuple(sorted(resting, key=lambda o: (o.condition.told, o.condition.until or now, _order(o)))),
        tuple(sorted(too_dear, key=lambda o: (o.most_microusd or 0, o.spec.id))),
        unfit,
    )


def cheaper_tier(
    request: TextRequest[Any], specs: Sequence[ModelSpec], *, left: int, rules: Rules, today: date
) -> tuple[Tier, Offer] | None:
    """The best lower tier whose cheapest model still fits what is left, for the words of a refusal."""
    for tier in reversed([tier for tier in Tier if tier.rank < request.tier.rank]):
        fitting = [
            Offer(spec, None, most, Condition(), in_time=True)
            for spec in specs
            if spec.tier is tier
            and _unfit(request, spec, rules, today, tier=tier) is None
            and (most := most_microusd(spec, request)) is not None
            and most <= left
        ]
        if fitting:
            return tier, min(fitting, key=lambda o: (o.most_microusd or 0, o.spec.id))
    return None


def _order(offer: Offer) -> tuple[Any, ...]:
    price = float("inf") if offer.expected_microusd is None else offer.expected_microusd
    seconds = offer.condition.seconds or 0.0
    first = (price, seconds) if offer.in_time else (seconds, price)
    return (not offer.in_time, *first, offer.spec.id)


def _unfit(
    request: TextRequest[Any], spec: ModelSpec, rules: Rules, today: date, *, tier: Tier | None = None
) -> str | None:
    """Why the model cannot answer, whatever its state; None when it can."""
    wanted = tier or request.tier
    if spec.modality is not Modality.TEXT:
        return f"makes {spec.modality.value}, not text"
    if spec.tier.rank < wanted.rank:
        return f"is of tier {spec.tier.value}, below {wanted.value}"
    if not spec.structured:
        return "gives no structured answers"
    if spec.ends_on is not None and spec.ends_on <= today:
        return f"was shut down by its provider on {spec.ends_on}"
    if spec.max_output_tokens is not None and spec.max_output_tokens < request.max_tokens:
        return f"makes at most {spec.max_output_tokens:,} tokens, {request.max_tokens:,} may be needed"
    if spec.context_tokens is not None and spec.context_tokens < expected_tokens(request) + request.max_tokens:
        return f"has room for {spec.context_tokens:,} tokens, about {expected_tokens(request) + request.max_tokens:,} are needed"
    if most_microusd(spec, request) is None and not rules.allow_unpriced:
        return "has no known price, so no budget can bound it (FABRIC_AI_ALLOW_UNPRICED=true allows it)"
    return None


def at_most(offer: Offer) -> str:
    """`openai/gpt-6-luna, at most $0.0012`."""
    price = "price not known" if offer.most_microusd is None else f"at most {dollars(offer.most_microusd)}"
    return f"{offer.spec.id}, {price}"
