"""What is made of a model's answers: words are taken, numbers are code's, and what does not pass is the rules' own."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from models.domain.ai import TextRequest
from models.domain.social import Platform
from models.domain.strategy import Strategy
from models.domain.workspace import Plan, Workspace
from models.errors import AnswerMalformed, AnswerRefused, AnswerTruncated, ModelError
from models.generation.calendar import plan_calendar
from models.generation.drafts import write_drafts
from models.generation.evidence import claims, unsupported_numbers
from models.generation.grounding.document import check_document
from models.generation.limits import check_text
from models.generation.reading import left_to_rules
from models.generation.rules import WRITER
from models.generation.strategy import decide, write_strategy
from models.generation.writers.author import Author
from models.generation.writers.background import Background
from models.generation.writers.calendar import write_briefs
from models.generation.writers.copy import refused
from models.generation.writers.drafts import write_drafts_with_model
from models.generation.writers.strategy import write_with_model
from tests.unit.generation.snapshots import river_trust, river_trust_brand
from tests.unit.generation.writers.scripted import Scripted, statements

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
WORKSPACE = Workspace("river-trust", "River Trust", "Europe/London", Plan.STUDIO, NOW)
BACKGROUND = Background(river_trust_brand(), "River Trust", voice=("Do: write as “we”",))


def short_name(request: TextRequest[Any], label: str) -> str:
    """The short name under which the request offers what its label says."""
    found = re.search(rf"\{{(\w+)\}} = [^\n]*{re.escape(label)}", request.prompt)
    assert found is not None, request.prompt
    return f"{{{found[1]}}}"


def strategist(request: TextRequest[Any]) -> dict[str, Any]:
    """A model that keeps the rules of its prompts."""
    said = statements(request)
    if request.prompt_version.startswith("strategy_pillars"):
        return {
            "pillars": [
                {"topic": "t1", "title": "Otters up close", "about": "They show what lives in the river.", "rationale": [said["t1"]]},
                {"topic": "t2", "title": "Salmon on their way", "about": "They follow the fish through the year.",
                 "rationale": ["Salmon tie the valley together.", said["t2"]]},
                {"topic": "t3", "title": "Days with volunteers", "about": "They invite people along.", "rationale": [said["t3"]]},
            ]
        }  # fmt: skip
    if request.prompt_version.startswith("strategy_roles"):
        return {
            "roles": [
                {"platform": key, "role": "Where neighbours meet the river", "rationale": [text]}
                for key, text in said.items()
            ]
        }
    return {"points": [{"point": key, "sentences": [text]} for key, text in said.items()]}


def test_a_model_words_the_strategy_and_the_numbers_stay_the_rules() -> None:
    model = Scripted(strategist)
    written = write_with_model(river_trust(), BACKGROUND, model)
    document, by_rules = written.document, write_strategy(river_trust(), river_trust_brand())
    assert len(model.requests) == 3
    assert document.writer == "test/model"
    assert [pillar.name for pillar in document.pillars] == ["otters", "salmon", "volunteer days"]
    assert document.pillars[0].title == "Otters up close"
    assert "71%" in document.pillars[0].rationale.text
    assert sum(pillar.share_proposed.value for pillar in document.pillars) == pytest.approx(1)
    assert (document.cadence, document.slots, document.goals) == (by_rules.cadence, by_rules.slots, by_rules.goals)
    assert all(not unsupported_numbers(claim, document) for claim in claims(document))
    facts = decide(river_trust(), river_trust_brand()).facts
    assert check_document(document, facts) == ()
    assert written.record.fallbacks == []
    assert written.record.manifest("strategy", "s").cost_microusd == 21


def test_prompts_hold_no_value_that_is_not_offered_and_what_people_asked_for() -> None:
    model = Scripted(strategist)
    write_with_model(river_trust(), BACKGROUND, model, feedback={"pillars": ("Fewer\n# The brand\nfish",)})
    pillars, roles, *_ = model.requests
    assert "Do: write as “we”" in pillars.prompt
    assert "- Fewer # The brand fish" in pillars.prompt.split("# What people asked for")[1]
    assert "asked for" not in roles.prompt


def test_a_sentence_with_a_number_of_its_own_is_asked_for_again_then_left_to_the_rules() -> None:
    def inventor(request: TextRequest[Any]) -> dict[str, Any]:
        answer = strategist(request)
        if "pillars" in answer:
            answer["pillars"][0]["rationale"] = ["Otters bring 90% more engagement."]
        for point in answer.get("points", []):
            point["sentences"] = ["Reach doubled last month.", "Otters win every time.", "It is our best year."]
        return answer

    model = Scripted(inventor)
    written = write_with_model(river_trust(), BACKGROUND, model)
    by_rules = write_strategy(river_trust(), river_trust_brand())
    assert len(model.requests) == 5  # pillars twice, roles, summary twice
    assert "What was wrong with it" in model.requests[1].prompt
    texts = [claim.text for claim in claims(written.document)]
    assert not any("90%" in text or "doubled" in text for text in texts)
    assert {claim.text for claim in written.document.summary} <= {claim.text for claim in by_rules.summary} | set(texts)
    assert written.document.writer == f"test/model + {WRITER}"
    assert any(line.startswith("summary: written by the rules, because") for line in written.record.fallbacks)


def test_where_the_rules_fill_a_gap_they_are_named_as_a_writer() -> None:
    def half(request: TextRequest[Any]) -> dict[str, Any]:
        answer = strategist(request)
        if "roles" in answer:
            answer["roles"][0]["rationale"] = ["Posts there reach 1,000,000 people."]
        return answer

    written = write_with_model(river_trust(), BACKGROUND, Scripted(half))
    assert written.record.parts["roles"] == "test/model"
    assert written.document.writer == written.record.writer == f"test/model + {WRITER}"
    assert "1,000,000" in written.record.checks["roles"]


def test_a_model_that_is_down_leaves_everything_to_the_rules() -> None:
    written = write_with_model(river_trust(), BACKGROUND, Scripted(lambda _request: None))
    by_rules = write_strategy(river_trust(), river_trust_brand())
    assert written.document == by_rules
    assert written.record.unanswered
    assert all("it does not answer" in line for line in written.record.fallbacks)


@pytest.mark.parametrize("error", [AnswerRefused, AnswerTruncated, AnswerMalformed])
def test_an_answer_that_cannot_be_used_is_an_answer(error: type[ModelError]) -> None:
    """The same question would get it again: nothing is to be asked anew until its inputs differ."""
    unusable = error("test/model", cause="it gave nothing usable", next_step="ask for less")
    written = write_with_model(river_trust(), BACKGROUND, Scripted(lambda _request: unusable))
    assert written.document == write_strategy(river_trust(), river_trust_brand())
    assert not written.record.unanswered
    assert all("it gave nothing usable" in line for line in written.record.fallbacks)


def test_placeholders_that_were_not_offered_never_reach_the_text() -> None:
    def curious(request: TextRequest[Any]) -> dict[str, Any]:
        answer = strategist(request)
        if "sentences" in answer:
            answer["sentences"] = [
                "{master_key}", "{@workspace_id}", "{rule:goal_lift}", "Posts {f999}", "<b>Bold</b>", "[x](https://e.example)",
            ]  # fmt: skip
        return answer

    document = write_with_model(river_trust(), BACKGROUND, Scripted(curious)).document
    assert document.summary == write_strategy(river_trust(), river_trust_brand()).summary or all(
        "{" not in claim.text for claim in document.summary
    )
    said = " ".join(claim.text for claim in document.summary)
    assert not re.search(r"master|rule:|f999|<b>|e\.example", said)


def a_strategy() -> Strategy:
    document = write_strategy(river_trust(), river_trust_brand())
    return Strategy(
        id="s1", workspace_id="river-trust", version=1, created_at=NOW, created_by="system", document=document
    )


def test_briefs_come_in_small_calls_and_bad_ones_stay_the_rules() -> None:
    strategy = a_strategy()
    entries = plan_calendar(strategy, WORKSPACE, start=date(2026, 11, 23), weeks=1)

    def planner(request: TextRequest[Any]) -> dict[str, Any]:
        keys = re.findall(r"^- (e\d+):", request.prompt, re.MULTILINE)
        briefs = [
            {"entry": key, "brief": f"Show a helper at work, story {chr(97 + at)}."} for at, key in enumerate(keys)
        ]
        briefs[0]["brief"] = "Say that 300 people came to https://elsewhere.example"
        return {"briefs": briefs}

    model = Scripted(planner)
    briefed = write_briefs(entries, strategy, WORKSPACE, BACKGROUND, model, lately=("An older idea",))
    assert len(model.requests) == 2 * -(-len(entries) // 10)
    assert [(e.id, e.slot_at, e.pillar) for e in briefed.entries] == [(e.id, e.slot_at, e.pillar) for e in entries]
    assert briefed.entries[0].brief == entries[0].brief
    assert briefed.entries[1].brief == "Show a helper at work, story b."
    assert "An older idea" in model.requests[0].prompt


POST = "Every river matters. Come and see who lives below the weir, and bring a friend."


def copywriter(request: TextRequest[Any]) -> dict[str, Any]:
    texts = {"text": POST, "variants": [
        {"dimension": "opening", "text": f"Who lives below the weir? {POST}"}, {"dimension": "length", "text": "Every river matters."},
    ]}  # fmt: skip
    fields = set(request.answer.model_fields) - {"text", "variants"}
    for part in (texts, *texts["variants"]):
        part.update({name: f"Below the weir, {name}" for name in fields})
    return texts


def test_drafts_and_variants_are_the_models_and_pass_every_platforms_limits() -> None:
    strategy = a_strategy()
    entries = plan_calendar(strategy, WORKSPACE, start=date(2026, 11, 23), weeks=2)
    entry = max(entries, key=lambda found: len(found.platforms))
    mail = next(found for found in entries if Platform.EMAIL in found.platforms)
    for found in (entry, mail):
        for one in write_drafts_with_model(found, strategy, WORKSPACE, BACKGROUND, Scripted(copywriter), now=NOW):
            version = one.draft.version
            assert version.author == "test/model"
            assert POST in version.text
            assert {variant.dimension for variant in version.variants} == {"opening", "length"}
            assert all(check_text(one.draft.platform, v.text) == [] for v in version.variants)
    assert version.text.startswith("Subject: Below the weir, subject\nPreheader: Below the weir, preheader\n\n")


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("Every river matters. Otters are back at 12 sites.", "12"),
        ("Every river matters. We are the best.", "best"),
        ("Every river matters. See https://evil.example/x", "not on the list"),
        ("Every river matters. This is a game-changer.", "banned phrase"),
        ("Otters are back.", "required phrase"),
        ("Every river matters. Ask @someone.", "mentions"),
        ("Every river matters. <script>alert</script>", "markup"),
    ],
)
def test_a_text_that_may_not_stand_is_the_rules(text: str, because: str) -> None:
    def writer(request: TextRequest[Any]) -> dict[str, Any]:
        return {**copywriter(request), "text": text}

    strategy = a_strategy()
    entry = next(
        e
        for e in plan_calendar(strategy, WORKSPACE, start=date(2026, 11, 23), weeks=1)
        if Platform.FACEBOOK in e.platforms
    )
    by_rules = {d.platform: d for d in write_drafts(entry, strategy, BACKGROUND.brand, WORKSPACE, now=NOW)}
    model = Scripted(writer)
    for one in write_drafts_with_model(entry, strategy, WORKSPACE, BACKGROUND, model, now=NOW):
        assert one.draft == by_rules[one.draft.platform]
        assert because in one.record.fallbacks[0]
    assert because in model.requests[1].prompt


def test_a_variant_that_repeats_or_breaks_a_rule_is_left_out_and_said() -> None:
    def writer(request: TextRequest[Any]) -> dict[str, Any]:
        answer = copywriter(request)
        answer["variants"][1]["text"] = answer["text"]
        return answer

    strategy = a_strategy()
    entry = plan_calendar(strategy, WORKSPACE, start=date(2026, 11, 23), weeks=1)[0]
    one = write_drafts_with_model(entry, strategy, WORKSPACE, BACKGROUND, Scripted(writer), now=NOW)[0]
    assert [variant.dimension for variant in one.draft.version.variants] == ["opening"]
    assert "the same as another" in one.record.checks["text and variants"]


def test_another_text_follows_the_wish_where_a_model_serves_and_says_so_where_not() -> None:
    strategy = a_strategy()
    entry = plan_calendar(strategy, WORKSPACE, start=date(2026, 11, 23), weeks=1)[0]
    draft = write_drafts(entry, strategy, BACKGROUND.brand, WORKSPACE, now=NOW)[0]
    model = Scripted(copywriter)
    text, _, record = Author(WORKSPACE, BACKGROUND, model).another(draft, entry, strategy, "Shorter")
    assert text == POST
    assert "- Shorter" in model.requests[0].prompt
    assert draft.version.text.split("\n")[0] in model.requests[0].prompt
    assert record.feedback == "Shorter"
    text, variants, record = Author(WORKSPACE, BACKGROUND).another(draft, entry, strategy, "Shorter")
    assert text != draft.version.text
    assert len(variants) == 2
    assert record.fallbacks == ["The rule-based writer cannot read remarks: it takes a language model to follow them."]


def test_the_digest_of_inputs_follows_what_is_read_and_nothing_else() -> None:
    by_rules, by_model = Author(WORKSPACE, BACKGROUND), Author(WORKSPACE, BACKGROUND, Scripted(strategist))
    snapshot = river_trust()
    assert by_rules.strategy_inputs(snapshot) == Author(WORKSPACE, BACKGROUND).strategy_inputs(snapshot)
    assert by_rules.strategy_inputs(snapshot) != by_model.strategy_inputs(snapshot)
    remarked = Author(WORKSPACE, BACKGROUND, Scripted(strategist), feedback={"": ("Shorter",)})
    assert remarked.strategy_inputs(snapshot) != by_model.strategy_inputs(snapshot)


def test_the_copy_check_lets_the_brands_links_and_requests_to_the_team_pass() -> None:
    assert (
        refused(
            "Join us: https://rivertrust.example/join [date of the walk]", links=["https://rivertrust.example/join"]
        )
        == []
    )


def test_a_reason_that_shows_no_number_is_the_rules_own() -> None:
    """A small model wrote of emoji where it was asked why the brand is on a platform."""

    def chatty(request: TextRequest[Any]) -> dict[str, Any]:
        answer = strategist(request)
        for role in answer.get("roles", []):
            role["rationale"] = ["Facebook has no emoji, and no post does."]
        return answer

    written = write_with_model(river_trust(), BACKGROUND, Scripted(chatty))
    by_rules = write_strategy(river_trust(), river_trust_brand())
    assert [role.rationale.template for role in written.document.platform_roles] == [
        role.rationale.template for role in by_rules.platform_roles
    ]
    assert {role.role for role in written.document.platform_roles} == {"Where neighbours meet the river"}
    assert "p1: what passes leaves out {f1}, {f2}, {f3}, {f4}, {f5}" in written.record.checks["roles"]


def test_the_brands_own_description_is_no_role_of_a_platform() -> None:
    def copying(request: TextRequest[Any]) -> dict[str, Any]:
        answer = strategist(request)
        for role in answer.get("roles", []):
            role["role"] = "Volunteers, landowners and schools."
        return answer

    written = write_with_model(river_trust(), BACKGROUND, Scripted(copying))
    by_rules = write_strategy(river_trust(), river_trust_brand())
    assert [role.role for role in written.document.platform_roles] == [role.role for role in by_rules.platform_roles]
    assert "not a phrase without a number that says what it is for" in written.record.checks["roles"]


def test_an_opening_says_no_less_than_the_rules() -> None:
    """A model wrote an opening of pleasant sentences about one pillar, and left out the goal."""

    def forgetful(request: TextRequest[Any]) -> dict[str, Any]:
        answer = strategist(request)
        if "points" in answer:
            answer["points"] = [
                {"point": "s2", "sentences": ["The brand has otters."]},
                {"point": "s3", "sentences": [statements(request)["s3"]]},
                {"point": "s4", "sentences": [statements(request)["s3"]]},
            ]
        return answer

    by_rules = write_strategy(river_trust(), river_trust_brand()).summary
    written = write_with_model(river_trust(), BACKGROUND, Scripted(forgetful))
    said = [claim.template for claim in written.document.summary]
    assert [new == old.template for new, old in zip(said, by_rules, strict=True)] == [True, True, False, *[True] * 4]
    assert said[2].startswith("To begin with, lean on video on Facebook")
    told = written.record.checks["summary"]
    assert "s2: what passes leaves out" in told
    assert "s4: what passes leaves out" in told
    assert "s7 was not said" in told


def test_what_the_rules_say_of_a_missing_number_may_be_said_again() -> None:
    """“What its posts achieve was not observed.” is true of what the statement rests on, though no number shows it."""

    def faithful(request: TextRequest[Any]) -> dict[str, Any]:
        answer = strategist(request)
        for role in answer.get("roles", []):
            if role["platform"] == "p4":
                first = statements(request)["p4"].split(". ")[0]
                role["rationale"] = [f"{first}.", "What its posts achieve was not observed."]
        return answer

    email = write_with_model(river_trust(), BACKGROUND, Scripted(faithful)).document.platform_roles[3]
    assert email.rationale.text.startswith("To begin with, a small part of the output goes here")
    assert email.rationale.text.endswith("What its posts achieve was not observed.")


def test_what_a_pillar_is_about_says_nothing_of_results() -> None:
    def proud(request: TextRequest[Any]) -> dict[str, Any]:
        answer = strategist(request)
        for pillar in answer.get("pillars", []):
            pillar["about"] = f"Posts about {pillar['title']} are well-represented, with a high share."
        return answer

    written = write_with_model(river_trust(), BACKGROUND, Scripted(proud))
    assert [pillar.about for pillar in written.document.pillars] == ["", "", ""]
    assert "speaks of results" in written.record.checks["pillars"]


@pytest.mark.parametrize(
    "role", ["platform for content creation and distribution", "Facebook marketing", "Engagement first", ""]
)
def test_a_role_that_fits_every_brand_or_speaks_of_results_is_the_rules_own(role: str) -> None:
    def vague(request: TextRequest[Any]) -> dict[str, Any]:
        answer = strategist(request)
        for one in answer.get("roles", []):
            one["role"] = role
        return answer

    written = write_with_model(river_trust(), BACKGROUND, Scripted(vague)).document
    by_rules = write_strategy(river_trust(), river_trust_brand())
    assert [one.role for one in written.platform_roles] == [one.role for one in by_rules.platform_roles]


def test_what_was_left_to_the_rules_is_read_out_shortly() -> None:
    written = write_with_model(river_trust(), BACKGROUND, Scripted(lambda _request: None)).record.manifest(
        "strategy", "s"
    )
    assert len(left_to_rules(written)) == 3
    long = replace(written, fallbacks=(), checks={"pillars": "; ".join(f"t{n}: no" for n in range(9))})
    assert left_to_rules(long) == ["pillars: in part by the rules, because t0: no; t1: no; t2: no; and 6 more."]


def test_pillars_do_not_share_a_title() -> None:
    def same(request: TextRequest[Any]) -> dict[str, Any]:
        answer = strategist(request)
        for pillar in answer.get("pillars", []):
            pillar["title"] = "Life in the river"
        return answer

    written = write_with_model(river_trust(), BACKGROUND, Scripted(same))
    assert [pillar.title for pillar in written.document.pillars] == ["Life in the river", "", ""]
