"""The pillars in a model's words: which topics, and why; their shares are the rules'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from models.domain.strategy import Claim, Pillar
from models.generation.evidence import claim
from models.generation.grounding.subject import Subject
from models.generation.pillars import Candidate, apart, candidates, observed
from models.generation.rules import RULES
from models.generation.strategy import Plan, decide, document_of
from models.generation.wording import clean_words, has_number
from models.generation.writers.answers import PillarsAnswer, keyed
from models.generation.writers.asking import OnText, Verdict, ask
from models.generation.writers.background import Background, section
from models.generation.writers.points import Points, points_of
from models.generation.writers.record import Record
from models.generation.writers.request import strategy_request
from models.generation.writers.sentences import plain, speaks_of_results
from models.ports import TextGenerator

MOST_TOPICS = 12
"""Topics that a model may choose from: the ones that the rules rank first, the most written about after them."""


def with_pillars(
    plan: Plan, background: Background, generator: TextGenerator, record: Record, on_text: OnText | None
) -> Plan:
    """The plan with the topics that a model chose and its words for them; as it was where it gave nothing that passes."""
    topics = _topics(plan)
    if len(topics) < RULES.pillars_min:
        return plan
    keys = {f"t{number}": candidate for number, candidate in enumerate(topics, start=1)}
    said = {key: claim(*observed(candidate, candidate.name)) for key, candidate in keys.items()}
    points = points_of(said, plan, document_of(plan))
    data = [background.section(noticed=True), section("Topics", _topic_lines(keys, points))]
    shape = keyed(PillarsAnswer, "pillars", "topic", list(keys), least=RULES.pillars_min)
    request = strategy_request("strategy_pillars", shape, data, background)

    def judge(answer: PillarsAnswer) -> Verdict[Plan]:
        return _judge_pillars(answer, plan, keys, points)

    asked = ask(generator, request, judge, on_text)
    record.note("pillars", asked)
    return plan if asked.value is None else asked.value


def _judge_pillars(answer: PillarsAnswer, plan: Plan, keys: dict[str, Candidate], points: Points) -> Verdict[Plan]:
    problems: list[str] = []
    chosen: list[Candidate] = []
    words: dict[str, tuple[str, str, Claim | None]] = {}
    for pillar in answer.pillars:
        candidate = keys.get(pillar.topic)
        if candidate is None:
            problems.append(f"{pillar.topic[:8]!r} is no topic of the list")
            continue
        if candidate in chosen:
            problems.append(f"{pillar.topic} was chosen twice")
            continue
        chosen.append(candidate)
        taken = points.worded(pillar.topic, pillar.rationale, plan, Subject(topic=candidate.name))
        title, about = _title(pillar.title, candidate.name), plain(pillar.about, points.offered, plan.facts)
        if speaks_of_results(about):
            problems.append(f"about of {pillar.topic}: it speaks of results, and not of what readers get")
            about = ""
        title = _unlike(title, [other for other, _, _ in words.values()], f"title of {pillar.topic}", problems)
        about = _unlike(about, [other for _, other, _ in words.values()], f"about of {pillar.topic}", problems)
        problems += taken.problems
        if not title:
            problems.append(
                f"title of {pillar.topic}: not two to five plain words without a number, or the topic again"
            )
        if not about:
            problems.append(f"about of {pillar.topic}: not one plain sentence without a number")
        words[candidate.name] = (title, about, taken.claim)
    if not RULES.pillars_min <= len(chosen) <= RULES.pillars_max:
        problems.append(f"choose {RULES.pillars_min} to {RULES.pillars_max} topics, not {len(chosen)}")
        return Verdict(None, tuple(problems))
    decided = decide(plan.snapshot, plan.brand, chosen)
    worded = []
    for pillar_by_rules in decided.pillars:
        worded.append(_worded(pillar_by_rules, *words[pillar_by_rules.name]))
    return Verdict(replace(decided, pillars=tuple(worded)), tuple(problems))


def _worded(pillar: Pillar, title: str, about: str, rationale: Claim | None) -> Pillar:
    """The rules' pillar in a model's words; it rests on the rules' facts as well."""
    reason = pillar.rationale
    if rationale is not None:
        rests_on = tuple(dict.fromkeys((*rationale.fact_ids, *reason.fact_ids)))
        reason = rationale.model_copy(update={"fact_ids": rests_on})
    return pillar.model_copy(update={"title": title, "about": about, "rationale": reason})


def _unlike(text: str, others: Sequence[str], where: str, problems: list[str]) -> str:
    """The text, or nothing where another pillar has it."""
    if text and text.casefold() in {other.casefold() for other in others}:
        problems.append(f"{where}: another pillar has it")
        return ""
    return text


def _topics(plan: Plan) -> list[Candidate]:
    """Those that the rules chose, then the most written about, up to `MOST_TOPICS`."""
    rest = [c for c in candidates(plan.snapshot) if c not in plan.chosen]
    rest.sort(key=lambda c: (c.score is None, -c.posts, c.name))
    return apart([*plan.chosen, *rest])[:MOST_TOPICS]


def _topic_lines(keys: dict[str, Candidate], points: Points) -> list[str]:
    lines = []
    for key, candidate in keys.items():
        words = ", ".join(clean_words(word) for word in candidate.facts.keywords[:6])
        lines.append(
            f"{key}: “{candidate.name}” ({words}); {candidate.standing or 'no evidence'}; {points.by_key[key].says}"
        )
    return [*lines, "values:", *points.offered.lines().splitlines()]


def _title(text: str, name: str) -> str:
    """Nothing where it is no title, or only the topic's name again."""
    title = clean_words(text, limit=60)
    fits = 1 <= len(title.split()) <= 6 and not has_number(title) and title.casefold() != name.casefold()
    return title if fits else ""
