"""The number checker: no number, date, rank or comparison passes without the query result that it states.

`check_claim` judges a sentence with placeholders before it is filled in; `check_text` a final text of which only the facts
it may use are known. Both refuse in doubt: a refused sentence costs a sentence, a passed error costs trust.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from models.domain.evidence import Fact
from models.errors import EvidenceMismatch
from models.generation.evidence import PLACEHOLDER
from models.generation.grounding.binding import about_missing, conflict
from models.generation.grounding.cues import is_named, rates_named
from models.generation.grounding.filling import Given, Span, fill, fits
from models.generation.grounding.finding import Found, find
from models.generation.grounding.line import COUNTED, DATED, Line, lines
from models.generation.grounding.operands import DENIED, Bound, comparison
from models.generation.grounding.problem import Kind, Problem
from models.generation.grounding.ranks import rank_problem
from models.generation.grounding.subject import Names, Subject
from models.generation.grounding.value import Value, days_of, value_of
from models.generation.grounding.vocabulary import STRATEGY_NEUTRAL

NOTHING = Subject()


def check_claim(
    template: str, facts: Mapping[str, Fact], *, given: Given | None = None, about: Subject = NOTHING
) -> tuple[Problem, ...]:
    """What is wrong with a sentence (or several) whose numbers are placeholders; spans are those of the filled text.

    `facts` is every fact that may be cited, so that superlatives can be held against all of their kind. `given` holds what
    else placeholders may name, `about` what the place in which the text stands is about (a platform's section).
    """
    given = given or {}
    problems = [problem for match in PLACEHOLDER.finditer(template) for problem in _reference(match, facts, given)]
    literal = PLACEHOLDER.sub("", template)
    problems += [
        Problem(Kind.REFERENCE, (at, at + 1), char, "A brace belongs to no placeholder: write {fact_id} or {fact_id|format}.")
        for at, char in enumerate(literal) if char in "{}"
    ]  # fmt: skip
    if problems:
        return tuple(problems)
    filled = fill(template, facts, given)
    cited = {span.reference: span.fact for span in filled.spans if span.fact is not None}
    values = {reference: value_of(fact) for reference, fact in cited.items()}
    values |= {span.reference: span.value for span in filled.spans if span.value is not None}
    universe = tuple(value_of(fact) for fact in facts.values())
    judge = _Judge(filled.text, tuple(values.values()), universe, about, _words_given(given))
    return judge.problems(filled.spans, values)


def check_text(
    text: str,
    grounded: Sequence[Fact],
    *,
    universe: Iterable[Fact] = (),
    also: Sequence[Value] = (),
    about: Subject = NOTHING,
    names: Sequence[str] = (),
) -> tuple[Problem, ...]:
    """What a final text states that the facts it may use do not say.

    Every number must be what the renderer writes for one of the facts, with its noun, metric and subject; comparisons need
    two of them that stand that way; superlatives the extreme of `universe` (every fact of the workspace, else `grounded`).
    `also` are values that are not facts (proposals, constants, a due date), `names` further proper names.
    """
    pool = (*(value_of(fact) for fact in grounded), *days_of(grounded), *also)
    known = {fact.id: value_of(fact) for fact in (*grounded, *universe)}
    return _Judge(text, pool, tuple(known.values()), about, tuple(names)).problems()


def _words_given(given: Given) -> tuple[str, ...]:
    return tuple(item for item in given.values() if isinstance(item, str))


def _reference(match: re.Match[str], facts: Mapping[str, Fact], given: Given) -> list[Problem]:
    reference, style = match[1], match[2]
    if reference not in facts and reference not in given:
        return [
            Problem(Kind.REFERENCE, match.span(), match[0], f"{match[0]} names no fact: use one of the listed facts.")
        ]
    fact = None if reference in given else facts[reference]
    if fact is not None and style is not None and not fits(fact, style):
        reason = f"{match[0]} asks for a format that does not fit: the fact is in {fact.unit.replace('_', ' ')}."
        return [Problem(Kind.FORMAT, match.span(), match[0], reason)]
    try:
        fill(match[0], facts, given)
    except EvidenceMismatch as error:
        return [Problem(Kind.FORMAT, match.span(), match[0], str(error))]
    return []


class _Judge:
    """One text with the values that it may state."""

    def __init__(
        self, text: str, pool: Sequence[Value], universe: Sequence[Value], about: Subject, names: Sequence[str]
    ) -> None:
        subjects = [value.subject for value in chain(pool, universe)]
        self._names = Names([*subjects, *(Subject(topic=name) for name in names)])
        self._text, self._pool, self._universe = text, tuple(pool), tuple(universe)
        found = find(text, neutral=(STRATEGY_NEUTRAL,), names=self._names.spans(text))
        self._lines = lines(text, found, self._names, about)
        self._proposals = any(value.role == "proposed" for value in pool)

    def problems(
        self, spans: Sequence[Span] | None = None, values: Mapping[str, Value] | None = None
    ) -> tuple[Problem, ...]:
        """In the text's order. With `spans` a number is the value of its placeholder, and any other is refused."""
        found: list[Problem] = []
        for line in self._lines:
            bound: list[Bound] = []
            for token in line.found:
                if token.kind in COUNTED or token.kind in DATED:
                    choice = (
                        self._choose(line, token) if spans is None else self._placed(line, token, spans, values or {})
                    )
                    if isinstance(choice, Problem):
                        found.append(choice)
                    elif choice is not None:
                        bound.append(Bound(token, choice))
                elif token.kind is Kind.MISSING:
                    found += self._missing(line, token, spans, values or {})
            found += self._worded(line, bound)
            found += _unshown_metrics(line, bound)
        return tuple(sorted(found, key=lambda p: p.span))

    def _choose(self, line: Line, token: Found) -> Value | Problem:
        shown = [value for value in self._pool if value.shows(token)]
        unit = {Kind.WEEKDAY: "weekday", Kind.TIME: "hour"}.get(token.kind)
        if unit is not None and any(value.unit == unit for value in self._pool):
            shown = [value for value in shown if value.unit == unit]
        reasons = []
        for value in shown:
            wrong = conflict(line, token, value, proposals=self._proposals)
            if wrong is None:
                return value
            reasons.append(wrong)
        if reasons:
            return _problem(reasons[0][0], token, f"“{_quote(token)}” cannot stand here: {reasons[0][1]}.")
        return _problem(token.kind, token, f"“{_quote(token)}” is no value of a query result this text may use.")

    def _placed(
        self, line: Line, token: Found, spans: Sequence[Span], values: Mapping[str, Value]
    ) -> Value | Problem | None:
        span = next((s for s in spans if s.start < token.end and token.start < s.end), None)
        if span is None:
            reason = f"“{_quote(token)}” is written out: numbers and dates come from placeholders only."
            return _problem(token.kind, token, reason)
        value = values.get(span.reference)
        if value is None:
            return None
        if span.style in ("date", "weekday", "clock") and value.day is None and value.unit not in ("weekday", "hour"):
            return self._choose_day(line, token, span, value)
        wrong = conflict(line, token, value, proposals=self._proposals)
        if wrong is not None:
            return _problem(wrong[0], token, f"“{_quote(token)}” cannot stand here: {wrong[1]}.")
        return value

    def _choose_day(self, line: Line, token: Found, span: Span, value: Value) -> Value | Problem | None:
        if span.style == "date" and span.fact is not None:
            value = days_of([span.fact])[0]
        wrong = conflict(line, token, value, proposals=self._proposals)
        return None if wrong is None else _problem(wrong[0], token, f"“{_quote(token)}” cannot stand here: {wrong[1]}.")

    def _missing(
        self, line: Line, token: Found, spans: Sequence[Span] | None, values: Mapping[str, Value]
    ) -> list[Problem]:
        span = next((s for s in spans or () if s.start < token.end and token.start < s.end), None)
        if span is not None and span.reference in values:
            candidates = [values[span.reference]]
        else:
            candidates = [value for value in self._pool if value.day is None and value.value is None]
        fitting = [value for value in candidates if about_missing(line, token, value)]
        if token.direction > 0:
            reason = f"“{_quote(token)}” says that something was observed, and its value is missing."
            return [_problem(Kind.MISSING, token, reason)] if fitting else []
        if fitting:
            return []
        reason = f"“{_quote(token)}” says that something is missing, and no missing value of this text is about it."
        return [_problem(Kind.MISSING, token, reason)]

    def _worded(self, line: Line, bound: Sequence[Bound]) -> Iterable[Problem]:
        for at, token in enumerate(line.found):
            if token.kind in (Kind.SUPERLATIVE, Kind.RANKING):
                previous = line.found[at - 1] if at else None
                if previous is not None and previous.kind is Kind.RANKING and token.start - previous.end <= 1:
                    continue
                wrong = rank_problem(line, token, bound, self._universe)
            elif token.kind in (Kind.COMPARISON, Kind.CHANGE):
                wrong = comparison(line, token, bound, self._pool)
                if wrong == DENIED:
                    wrong = rank_problem(line, token, bound, self._universe)
            else:
                continue
            if wrong:
                yield _problem(token.kind, token, f"“{_quote(token)}” is not supported: {wrong}.")


def _unshown_metrics(line: Line, bound: Sequence[Bound]) -> Iterable[Problem]:
    """Rates and medians that a sentence with numbers names, and of which it shows none."""
    metrics = {b.value.subject.metric for b in bound if b.value.day is None and b.value.role != "rule"}
    if not metrics or any(token.kind is Kind.MISSING for token in line.found):
        return
    medians = re.finditer(r"\bmedians?\b(?: engagements?)?", line.text, re.IGNORECASE)
    if "median_engagements" not in metrics:
        for match in medians:
            reason = f"“{match[0]}” is named, and no number of the sentence is one."
            yield Problem(Kind.METRIC, (line.start + match.start(), line.start + match.end()), match[0], reason)
    for start, end, kind, denominator in rates_named(line.text):
        if not any(is_named(metric, kind, denominator) for metric in metrics):
            words = line.text[start:end]
            reason = f"“{words}” is named, and no number of the sentence is that rate."
            yield Problem(Kind.METRIC, (line.start + start, line.start + end), words, reason)


def _quote(token: Found) -> str:
    noun = f" {token.unit}" if token.kind is Kind.NUMBER and token.unit else ""
    return f"{token.text.strip()}{noun}"


def _problem(kind: Kind, token: Found, reason: str) -> Problem:
    return Problem(kind, (token.start, token.end), token.text, reason)
