"""The opening of a strategy in a model's words: the rules' statements, each said by the model or left as it is."""

from __future__ import annotations

from models.domain.strategy import Claim
from models.generation.strategy import Plan, document_of
from models.generation.writers.answers import SummaryAnswer, keyed
from models.generation.writers.asking import OnText, Verdict, ask
from models.generation.writers.background import Background, section
from models.generation.writers.points import points_of
from models.generation.writers.record import Record
from models.generation.writers.request import strategy_request
from models.ports import TextGenerator


def write_opening(
    plan: Plan, background: Background, generator: TextGenerator, record: Record, on_text: OnText | None
) -> tuple[Claim, ...]:
    """The rules' opening, with the model's words wherever they say the same numbers. Statements without a number stay as they
    are: nothing could hold other words to them."""
    document = document_of(plan)
    said = {f"s{number}": claim for number, claim in enumerate(document.summary, start=1)}
    points = points_of({key: claim for key, claim in said.items() if claim.fact_ids}, plan, document)
    if not points.by_key:
        return document.summary
    data = [
        background.section(noticed=True),
        section("Points", points.lines()),
        section("Numbers", points.offered.lines().splitlines()),
    ]
    shape = keyed(SummaryAnswer, "points", "point", list(points.by_key), least=len(points.by_key))
    request = strategy_request("strategy_summary", shape, data, background)

    def judge(answer: SummaryAnswer) -> Verdict[tuple[Claim, ...]]:
        worded: dict[str, Claim] = {}
        problems: list[str] = []
        for one in answer.points:
            if one.point not in points.by_key:
                problems.append(f"{one.point[:8]!r} is no point of the list")
                continue
            taken = points.worded(one.point, one.sentences, plan)
            problems += taken.problems
            if taken.claim is not None and taken.claim.template not in {c.template for c in worded.values()}:
                worded[one.point] = taken.claim
        problems += [f"{key} was not said" for key in points.by_key if key not in {one.point for one in answer.points}]
        opening = tuple(worded.get(key, claim) for key, claim in said.items())
        return Verdict(opening if worded else None, tuple(problems))

    asked = ask(generator, request, judge, on_text)
    record.note("summary", asked)
    return document.summary if asked.value is None else asked.value
