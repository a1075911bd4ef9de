"""Platform roles in a model's words."""

from __future__ import annotations

from models.domain.strategy import PlatformRole
from models.generation.channels import own_platforms
from models.generation.grounding.subject import Subject
from models.generation.strategy import Plan
from models.generation.writers.answers import RolesAnswer, keyed
from models.generation.writers.asking import OnText, Verdict, ask
from models.generation.writers.background import Background, section
from models.generation.writers.offered import offer
from models.generation.writers.record import Record
from models.generation.writers.request import strategy_request
from models.generation.writers.sentences import plain, take
from models.ports import TextGenerator


def write_roles(
    plan: Plan, background: Background, generator: TextGenerator, record: Record, on_text: OnText | None
) -> tuple[PlatformRole, ...]:
    """The roles in a model's words, one a platform; the rules' where it gave nothing that passes."""
    platforms = own_platforms(plan.snapshot)
    if not platforms:
        return plan.roles
    keys = {f"p{number}": facts for number, facts in enumerate(platforms, start=1)}
    by_key = {
        key: [f for f in (facts.posts, facts.posts_per_week, facts.median_engagements, facts.rate) if f is not None]
        for key, facts in keys.items()
    }
    offered = offer(fact for facts in by_key.values() for fact in facts)
    names = {fact.id: name for name, fact in offered.facts.items()}
    lines = [
        f"{key}: {keys[key].platform.label}; " + "; ".join(f"{{{names[f.id]}}}" for f in facts if f.id in names)
        for key, facts in by_key.items()
    ]
    data = [background.section(), section("Platforms", [*lines, "values:", *offered.lines().splitlines()])]
    shape = keyed(RolesAnswer, "roles", "platform", list(keys), least=len(keys))
    request = strategy_request("strategy_roles", shape, data, background)
    by_rules = {role.platform: role for role in plan.roles}

    def judge(answer: RolesAnswer) -> Verdict[tuple[PlatformRole, ...]]:
        said, problems = dict(by_rules), []
        written = 0
        for role in answer.roles:
            facts = keys.get(role.platform)
            if facts is None:
                problems.append(f"{role.platform[:8]!r} is no platform of the list")
                continue
            base = by_rules[facts.platform]
            taken = take(
                role.rationale, offered, plan.facts, where=f"rationale of {role.platform}",
                also=base.rationale.fact_ids, about=Subject(platform=facts.platform), must_cite=any(f.id in names for f in by_key[role.platform]),
            )  # fmt: skip
            phrase = plain(role.role, offered, plan.facts).rstrip(".")
            problems += taken.problems
            problems += [] if phrase else [f"role of {role.platform}: not a phrase without a number"]
            written += bool(taken.claim or phrase)
            said[facts.platform] = base.model_copy(
                update={"role": phrase or base.role, "rationale": taken.claim or base.rationale}
            )
        missing = [key for key in keys if key not in {role.platform for role in answer.roles}]
        problems += [f"{key} has no role" for key in missing]
        return Verdict(tuple(said[facts.platform] for facts in platforms) if written else None, tuple(problems))

    asked = ask(generator, request, judge, on_text)
    record.note("roles", asked)
    return plan.roles if asked.value is None else asked.value
