"""Platform roles in a model's words."""

from __future__ import annotations

from models.domain.strategy import PlatformRole
from models.generation.grounding.subject import Subject
from models.generation.strategy import Plan, document_of
from models.generation.writers.answers import RolesAnswer, keyed
from models.generation.writers.asking import OnText, Verdict, ask
from models.generation.writers.background import Background, section
from models.generation.writers.points import points_of
from models.generation.writers.record import Record
from models.generation.writers.request import strategy_request
from models.generation.writers.sentences import plain, says_something, speaks_of_results
from models.ports import TextGenerator


def write_roles(
    plan: Plan, background: Background, generator: TextGenerator, record: Record, on_text: OnText | None
) -> tuple[PlatformRole, ...]:
    """The roles in a model's words, one a platform; the rules' where it gave nothing that passes."""
    roles = {f"p{number}": role for number, role in enumerate(plan.roles, start=1)}
    if not roles:
        return plan.roles
    points = points_of({key: role.rationale for key, role in roles.items()}, plan, document_of(plan))
    lines = [f"{key}: {roles[key].platform.label}; {point.says}" for key, point in points.by_key.items()]
    data = [background.section(), section("Platforms", [*lines, "values:", *points.offered.lines().splitlines()])]
    shape = keyed(RolesAnswer, "roles", "platform", list(roles), least=len(roles))
    request = strategy_request("strategy_roles", shape, data, background)

    def judge(answer: RolesAnswer) -> Verdict[tuple[PlatformRole, ...]]:
        said, problems = dict(roles), []
        for one in answer.roles:
            base = roles.get(one.platform)
            if base is None:
                problems.append(f"{one.platform[:8]!r} is no platform of the list")
                continue
            taken = points.worded(one.platform, one.rationale, plan, Subject(platform=base.platform))
            phrase = plain(one.role, points.offered, plan.facts).rstrip(".")
            problems += taken.problems
            copied = phrase.casefold() in f"{background.brand.description} {background.name}".casefold()
            if copied or speaks_of_results(phrase) or not says_something(phrase):
                problems.append(f"role of {one.platform}: not a phrase without a number that says what it is for")
                phrase = ""
            said[one.platform] = base.model_copy(
                update={"role": phrase or base.role, "rationale": taken.claim or base.rationale}
            )
        missing = [key for key in roles if key not in {one.platform for one in answer.roles}]
        problems += [f"{key} has no role" for key in missing]
        wrote = any(said[key] is not role for key, role in roles.items())
        return Verdict(tuple(said.values()) if wrote else None, tuple(problems))

    asked = ask(generator, request, judge, on_text)
    record.note("roles", asked)
    return plan.roles if asked.value is None else asked.value
