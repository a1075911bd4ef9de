"""Which calls of models an artefact was made with, and its share of what they cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from models.domain.usage import ModelUsage


def shared(calls: Iterable[ModelUsage], made: Iterable[tuple[str, str, str]]) -> list[ModelUsage]:
    """The calls, each once for every artefact that names its input hash, with an equal share of time, tokens and cost.

    `made` has (input hash, kind, id) of artefacts, from their manifests. Shares are whole numbers that add up to the call's;
    the first artefacts have the remainder. A call that names its artefact itself, or that none names, stays as it is. A call
    that failed is shared as well: what was made has to bear it.
    """
    artefacts: dict[str, list[tuple[str, str]]] = {}
    for input_hash, kind, artefact_id in sorted(made):
        artefacts.setdefault(input_hash, []).append((kind, artefact_id))
    found: list[ModelUsage] = []
    for call in calls:
        own = artefacts.get(call.input_hash or "", []) if call.artefact_id is None else []
        found += _split(call, own) if own else [call]
    return found


def _split(call: ModelUsage, artefacts: Sequence[tuple[str, str]]) -> list[ModelUsage]:
    count = len(artefacts)

    def part(whole: int | None, index: int) -> int | None:
        return None if whole is None else whole // count + (index < whole % count)

    return [
        replace(
            call, id=call.id if index == 0 else f"{call.id}-{index}", latency_ms=round(call.latency_ms / count, 3),
            tokens_in=part(call.tokens_in, index), tokens_out=part(call.tokens_out, index),
            tokens_cached=part(call.tokens_cached, index), cost_microusd=part(call.cost_microusd, index),
            artefact_kind=kind, artefact_id=artefact_id,
        )
        for index, (kind, artefact_id) in enumerate(artefacts)
    ]  # fmt: skip
