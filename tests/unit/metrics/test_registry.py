"""The registry against itself and against the code that reads platforms' fields."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
import yaml

from connectors.email.brevo.connector import metrics_of as brevo
from connectors.email.mailchimp.connector import metrics_of as mailchimp
from connectors.email.sendgrid.connector import metrics_of as sendgrid
from connectors.social.linkedin.statistics import DAY_FIELDS, POST_FIELDS
from connectors.social.tiktok.connector import ACCOUNT_FIELDS, VIDEO_FIELDS
from connectors.social.x.names import METRICS, PRIVATE_METRICS
from connectors.social.youtube.collect import BY_DAY, BY_VIDEO
from connectors.social.youtube.videos import COUNTS
from models.errors import InvalidInput
from models.metrics.openrates import open_rates
from models.metrics.registry import Registry, registry

MAPPINGS = Path(__file__).resolve().parents[3] / "connectors" / "files" / "mappings"


def read_on(door: str) -> set[tuple[str, str]]:
    return {(f.platform, f.metric) for f in registry().fields if door in f.read_by}


def test_a_rate_divides_only_by_what_the_registry_allows() -> None:
    known = registry()
    for rate in known.rates.values():
        assert rate.denominator in known.denominators.get(rate.numerator, {}), rate.id
    measures = {*known.metrics, *known.composites}
    assert measures >= set(known.denominators)
    assert all(below in measures for allowed in known.denominators.values() for below in allowed)
    assert "views" not in known.denominators["clicks"], "views are no impressions"
    assert not any("clicks" in allowed for allowed in known.denominators.values())


def test_every_field_is_of_a_metric_and_stands_once() -> None:
    known = registry()
    keys = [(f.metric, f.platform, f.field, f.valid_from) for f in known.fields]
    assert len(keys) == len(set(keys))
    assert {f.metric for f in known.fields} == set(known.metrics), "a metric that no platform tells, or the reverse"
    for field in known.fields:
        assert field.source, field
        assert set(field.read_by) <= {"interface", "export", "public"}
        assert not field.breaks_series or field.valid_from, f"{field} breaks a series on no day"


def test_two_names_of_one_metric_are_never_valid_on_one_day() -> None:
    """The account's own interface is asked for one name at a time; a rename has no day with both and none without."""
    groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for f in registry().fields:
        if "interface" in f.read_by:
            span = (str(f.valid_from or "0001"), str(f.valid_to or "9999"))
            groups.setdefault((f.platform, f.metric), []).append(span)
    for key, spans in groups.items():
        for (_, end), (start, _) in zip(sorted(spans), sorted(spans)[1:], strict=False):
            assert end <= start or key == ("youtube", "audience_share"), key


def test_a_field_is_taken_or_left_alone_with_a_reason() -> None:
    known = registry()
    taken = {(f.platform, known.metrics[f.metric].entity, f.field) for f in known.fields}
    left = [(f.platform, f.entity, f.field) for f in known.not_taken]
    assert len(left) == len(set(left))
    assert not taken & set(left)
    assert all(f.reason and f.platform in {g.platform for g in known.fields} for f in known.not_taken)


def test_read_by_export_is_what_the_layouts_read() -> None:
    found = set()
    for path in MAPPINGS.glob("*.yaml"):
        layout = yaml.safe_load(path.read_text())
        named = [*(layout.get("metrics") or {}).values(), *(layout.get("titled") or {}).get("titles", {}).values()]
        found |= {(layout["platform"], spec["metric"] if isinstance(spec, dict) else spec) for spec in named}
        found |= {(layout["platform"], metric) for metric in layout.get("sums") or {}}
    assert read_on("export") == found


def test_read_by_interface_is_what_the_connectors_read() -> None:
    read = read_on("interface")
    mails = {*mailchimp({}), *brevo({}), *sendgrid({}), "emails_requested"}
    expected = {
        "linkedin": {*POST_FIELDS, *DAY_FIELDS, "followers", "followers_gained", "audience_followers"},
        "x": {*METRICS, *PRIVATE_METRICS, "followers"},
        "tiktok": {*VIDEO_FIELDS, *ACCOUNT_FIELDS},
        "youtube": {*(m for _, m in COUNTS), *(f.metric for f in (*BY_VIDEO, *BY_DAY)), "followers", "audience_share"},
        "email": mails,
    }
    for platform, metrics in expected.items():
        assert {metric for name, metric in read if name == platform} == metrics, platform


def test_a_signed_composite_stands_only_where_all_its_parts_do() -> None:
    known = registry()
    assert known.components("delivered", "email") == ("emails_sent", "bounces")
    assert known.composites["delivered"].signs == (1, -1)
    assert known.components("delivered", "facebook") == ()
    assert known.components("engagements_full", "tiktok") == ("reactions", "comments", "shares")


def test_what_may_be_summed() -> None:
    known = registry()
    assert known.may_be_summed("engagements_public", "posts")
    for measure, axis in (
        ("reach", "posts"),
        ("account_reach", "days"),
        ("followers", "accounts"),
        ("click_rate", "posts"),
    ):
        assert not known.may_be_summed(measure, axis)  # type: ignore[arg-type]
    assert not known.may_be_summed("accounts_engaged", "days")


def test_an_unknown_metric_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match="engaged_views"):
        registry().metric("likes")


MAIL = {"emails_sent": 3000.0, "bounces": 50.0, "opens": 1100.0, "machine_opens": 100.0, "unique_clicks": 60.0,
        "unsubscribes": 6.0, "spam_complaints": 3.0}  # fmt: skip
POST = {"reactions": 10.0, "comments": 3.0, "shares": 2.0, "reach": 300.0, "impressions": 500.0, "views": 400.0,
        "followers": 900.0, "clicks": 7.0}  # fmt: skip
WORDS = {
    "public engagements": 15.0, "followers of the account when the post was published": 900.0, "machine opens": 100.0,
    "opens of any kind": 1100.0, "recipients who clicked": 60.0, "recipients who unsubscribed": 6.0,
    "recipients who reported spam": 3.0, "recipients with an open of any kind": 1100.0, "messages sent": 3000.0,
    "recipients with an open that is not a machine's": 1000.0, "reach": 300.0, "impressions": 500.0, "views": 400.0,
    "clicks": 7.0, "opens": 1100.0, "sent": 3000.0, "bounces": 50.0,
}  # fmt: skip
"""What the documented formulas speak of, in numbers of one post and one campaign."""


def value(known: Registry, measure: str) -> float:
    numbers = {**MAIL, **POST}
    if measure in known.composites:
        composite = known.composites[measure]
        return sum(
            s * numbers[part] for part, s in zip(composite.components, composite.signs, strict=True) if part in numbers
        )
    return numbers[measure]


def documented(text: str) -> float:
    """The number that a rate's documentation gives: its formula, up to the first stop, with numbers for its words."""
    formula = re.split(r"[.:;]|\(the newest", text.lower().replace("÷", "/").replace("−", "-"))[0]
    for words in sorted(WORDS, key=len, reverse=True):
        formula = re.sub(rf"(?<![\w']){re.escape(words)}(?![\w'])", str(WORDS[words]), formula)
    assert re.fullmatch(r"[\d./()\- ]+", formula), f"a word of {text!r} is not known: {formula!r}"
    return float(eval(formula))


def disagreements(known: Registry) -> list[str]:
    return [
        rate.id
        for rate in known.rates.values()
        if documented(rate.documentation)
        != pytest.approx(value(known, rate.numerator) / value(known, rate.denominator))
    ]


def test_the_documented_formula_of_each_rate_is_the_one_that_is_computed() -> None:
    assert disagreements(registry()) == []
    rates = open_rates(sent=3000, bounces=50, opens=1100, machine_opens=100)
    assert [round(100 * (found or 0), 1) for found in (rates.raw, rates.confirmed, rates.corrected)] == [
        37.3,
        33.9,
        35.1,
    ]
    texts = {name: registry().rates[f"{name}_open_rate"].documentation for name in ("raw", "confirmed", "corrected")}
    for name, text in texts.items():
        assert documented(text) == pytest.approx(getattr(rates, name))


def test_a_formula_that_differs_from_its_documentation_is_found() -> None:
    known = registry()
    delivered = dataclasses.replace(known.composites["delivered"], signs=(1, 1))
    planted = dataclasses.replace(known, composites={**known.composites, "delivered": delivered})
    assert set(disagreements(planted)) == {rate.id for rate in known.rates.values() if rate.denominator == "delivered"}
    moved = dataclasses.replace(known.rates["engagement_rate_by_reach"], denominator="impressions")
    planted = dataclasses.replace(known, rates={**known.rates, "engagement_rate_by_reach": moved})
    assert disagreements(planted) == ["engagement_rate_by_reach"]
