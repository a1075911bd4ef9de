"""How a failed dbt command is put into words."""

from __future__ import annotations

from orchestration.dbt_runner import DbtOutcome, NodeFailure


def test_a_failed_test_is_named_with_its_message() -> None:
    outcome = DbtOutcome(False, (NodeFailure("unique_grain_mart_posts", "test", "Got 3 results"),))
    assert outcome.reason() == "the test unique_grain_mart_posts failed: Got 3 results"


def test_the_first_of_several_failures_is_named_and_the_rest_counted() -> None:
    failures = (NodeFailure("int_posts", "model", "Binder Error"), NodeFailure("stg", "seed", "x"))
    assert DbtOutcome(False, failures).reason() == "the model int_posts failed (and 1 more): Binder Error"


def test_a_command_that_could_not_run_says_why() -> None:
    assert DbtOutcome(False, error="no such file").reason() == "dbt could not run: no such file"
