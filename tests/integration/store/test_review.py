"""Plans and drafts: versions, edits, decisions, revocations, and two people at once."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from models.domain.approval import TRANSITIONS, Decision, DraftStatus, Variant, content_hash
from models.domain.social import Platform
from models.domain.workspace import SYSTEM
from models.errors import Conflict, FabricError, Forbidden, InvalidInput, NotFound
from models.services import approvals, calendar, drafts, planning
from models.store.database import Store


def _kinds(uow, workspace_id: str) -> list[str]:
    return [event.kind for event in uow.events.of_workspace(workspace_id)]


def test_the_same_strategy_twice_is_one_version(store: Store, brand, make_document, now) -> None:
    with store.unit_of_work() as uow:
        again = planning.save_strategy(uow, SYSTEM, make_document("natgeo"), now=now + timedelta(days=1))
        assert again == brand.strategy
        second = planning.save_strategy(uow, SYSTEM, make_document("natgeo", value=13.0), now=now)
        assert (second.version, second.document.evidence[0].value) == (2, 13.0)
        missing = planning.save_strategy(uow, SYSTEM, make_document("natgeo", value=None), now=now)
        assert missing.version == 3
        assert planning.latest_strategy(uow, brand.viewer, "natgeo") == missing
        assert planning.get_strategy(uow, brand.viewer, second.id) == second
        assert [s.version for s in planning.list_strategies(uow, brand.viewer, "natgeo")] == [3, 2, 1]
        assert _kinds(uow, "natgeo").count("strategy.saved") == 3


def test_a_calendar_saved_again_adds_only_what_is_new(store: Store, brand, now) -> None:
    other = replace(brand.entry, id="second-entry", slot_at=brand.entry.slot_at + timedelta(days=1))
    with store.unit_of_work() as uow:
        moved = calendar.move_slot(uow, brand.editor, brand.entry.id, now + timedelta(days=10), now=now)
        assert planning.save_calendar(uow, SYSTEM, brand.strategy.id, [brand.entry, other], now=now) == 1
        assert calendar.list_entries(uow, brand.viewer, "natgeo") == [other, moved]
        with pytest.raises(InvalidInput, match="another strategy"):
            planning.save_calendar(
                uow, SYSTEM, brand.strategy.id, [replace(other, id="x", workspace_id="else")], now=now
            )


def test_entries_are_listed_from_start_up_to_end(store: Store, brand) -> None:
    slot = brand.entry.slot_at
    with store.unit_of_work() as uow:
        for start, end, found in [(slot, slot + timedelta(hours=1), 1), (slot - timedelta(hours=1), slot, 0)]:
            assert len(calendar.list_entries(uow, brand.viewer, "natgeo", start=start, end=end)) == found


def test_drafts_saved_again_stay_as_they_were_edited(store: Store, brand, make_draft, now) -> None:
    tweet = make_draft(brand.entry, "tweet", Platform.X)
    with store.unit_of_work() as uow:
        edited = drafts.edit_draft(uow, brand.editor, brand.draft_id, text="Edited", based_on=1, now=now)
        first = make_draft(brand.entry, brand.draft_id)
        assert planning.save_drafts(uow, SYSTEM, [first, tweet], now=now) == 1
        assert planning.save_drafts(uow, SYSTEM, [], now=now) == 0
        assert drafts.get_draft(uow, brand.viewer, brand.draft_id) == edited
        assert [d.id for d in drafts.list_drafts(uow, brand.viewer, "natgeo")] == [brand.draft_id, "tweet"]
        assert drafts.list_drafts(uow, brand.viewer, "natgeo", status=DraftStatus.APPROVED) == []
        assert len(drafts.list_drafts(uow, brand.viewer, "natgeo", entry_id=brand.entry.id)) == 2
        with pytest.raises(InvalidInput, match="280"):
            planning.save_drafts(uow, SYSTEM, [make_draft(brand.entry, "long", Platform.X, "x" * 281)], now=now)
        with pytest.raises(Conflict, match="has a X draft already"):
            planning.save_drafts(uow, SYSTEM, [make_draft(brand.entry, "twin", Platform.X)], now=now)
        with pytest.raises(NotFound, match="save it first"):
            planning.save_drafts(uow, SYSTEM, [make_draft(replace(brand.entry, id="none"), "lost")], now=now)


def test_versions_are_kept_with_author_note_and_variants(store: Store, brand, now) -> None:
    variants = (Variant("A", "length", "Short"), Variant("B", "length", "A longer one"))
    with store.unit_of_work() as uow:
        second = drafts.edit_draft(
            uow, brand.editor, brand.draft_id, text=" Second\r\nwords ", based_on=1, note="shorter", now=now
        )
        third = drafts.edit_draft(
            uow, brand.admin, brand.draft_id, text="Third", variants=variants, based_on=2, now=now
        )
        versions = drafts.history(uow, brand.viewer, brand.draft_id)
        assert [v.number for v in versions] == [1, 2, 3]
        assert versions[1:] == [second.version, third.version]
        assert (versions[1].text, versions[1].author, versions[1].note) == (
            "Second\nwords",
            brand.editor.user_id,
            "shorter",
        )
        assert versions[1].variants == versions[0].variants
        assert versions[2].variants == variants


def test_an_unchanged_save_is_not_an_edit(store: Store, brand, now) -> None:
    with store.unit_of_work() as uow:
        approvals.approve(uow, brand.admin, brand.draft_id, version=1, now=now)
        same = drafts.edit_draft(uow, brand.editor, brand.draft_id, text="First words ", based_on=1, now=now)
        assert (same.version.number, same.status) == (1, DraftStatus.APPROVED)


def test_a_stale_edit_and_a_stale_decision_are_refused(store: Store, brand, now) -> None:
    with store.unit_of_work() as uow:
        drafts.edit_draft(uow, brand.editor, brand.draft_id, text="Theirs", based_on=1, now=now)
        with pytest.raises(Conflict, match="Version 2 was saved while you edited version 1"):
            drafts.edit_draft(uow, brand.admin, brand.draft_id, text="Mine", based_on=1, now=now)
        for decide in (approvals.approve, approvals.reject, approvals.request_changes):
            with pytest.raises(Conflict, match="Version 2 was saved while you looked at version 1"):
                decide(uow, brand.admin, brand.draft_id, version=1, note="seen", now=now)
        assert drafts.get_draft(uow, brand.viewer, brand.draft_id).version.text == "Theirs"


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "empty"), (" \n", "empty"), ("a\x00b", "control"), ("half \ud83d", "control"), ("x" * 63_207, "63,206")],
)
def test_a_text_that_cannot_be_posted_is_refused(store: Store, brand, now, text: str, says: str) -> None:
    with store.unit_of_work() as uow:
        with pytest.raises(InvalidInput, match=says):
            drafts.edit_draft(uow, brand.editor, brand.draft_id, text=text, based_on=1, now=now)
        variants = (Variant("A", "opening", text),)
        with pytest.raises(InvalidInput, match=says):
            drafts.edit_draft(uow, brand.editor, brand.draft_id, text="Good", variants=variants, based_on=1, now=now)
        assert len(drafts.history(uow, brand.viewer, brand.draft_id)) == 1


def test_an_approval_binds_the_hash_of_what_was_approved(store: Store, brand, now) -> None:
    with store.unit_of_work() as uow:
        assert approvals.approved_version(uow, brand.viewer, brand.draft_id) is None
        approval = approvals.approve(uow, brand.admin, brand.draft_id, version=1, note="Good", now=now)
        draft = drafts.get_draft(uow, brand.viewer, brand.draft_id)
        assert approval.content_hash == content_hash(draft, brand.entry.fact_ids)
        assert approvals.decisions(uow, brand.viewer, brand.draft_id) == [approval]
        assert approvals.approved_version(uow, brand.viewer, brand.draft_id) == draft.version
        # Behind the services' back: what stands there now was approved by nobody.
        uow.calendar.set_slot(brand.entry.id, now)
        uow.commit()
        assert approvals.approved_version(uow, brand.viewer, brand.draft_id) is None


def test_an_edit_revokes_the_approval(store: Store, brand, now) -> None:
    with store.unit_of_work() as uow:
        approval = approvals.approve(uow, brand.admin, brand.draft_id, version=1, now=now)
        edited = drafts.edit_draft(uow, brand.editor, brand.draft_id, text="Second thoughts", based_on=1, now=now)
        assert edited.status is DraftStatus.IN_REVIEW
        revoked = approvals.decisions(uow, brand.viewer, brand.draft_id)[-1]
        assert (revoked.decision, revoked.decided_by) == (Decision.REVOKED, brand.editor.user_id)
        assert (revoked.version, revoked.content_hash) == (1, approval.content_hash)
        assert approvals.approved_version(uow, brand.viewer, brand.draft_id) is None
        assert _kinds(uow, "natgeo")[-3:] == ["draft.approved", "draft.edited", "draft.approval_revoked"]


def test_a_moved_slot_revokes_the_approvals_of_its_drafts_alone(store: Store, brand, make_draft, now) -> None:
    entry = replace(brand.entry, id="other-entry")
    with store.unit_of_work() as uow:
        planning.save_calendar(uow, SYSTEM, brand.strategy.id, [entry], now=now)
        planning.save_drafts(
            uow, SYSTEM, [make_draft(brand.entry, "tweet", Platform.X), make_draft(entry, "elsewhere")], now=now
        )
        for draft_id in (brand.draft_id, "elsewhere"):
            approvals.approve(uow, brand.admin, draft_id, version=1, now=now)
        moved = calendar.move_slot(uow, brand.editor, brand.entry.id, datetime(2026, 12, 1, 9, tzinfo=UTC), now=now)
        assert moved.id == brand.entry.id
        status = {d.id: (d.status, d.slot_at) for d in drafts.list_drafts(uow, brand.viewer, "natgeo")}
        assert status[brand.draft_id] == (DraftStatus.IN_REVIEW, moved.slot_at)
        assert status["tweet"] == (DraftStatus.IN_REVIEW, moved.slot_at)
        assert status["elsewhere"] == (DraftStatus.APPROVED, entry.slot_at)
        taken = approvals.decisions(uow, brand.viewer, brand.draft_id)
        assert [a.decision for a in taken] == [Decision.APPROVED, Decision.REVOKED]
        assert "2026-12-01 09:00 UTC" in taken[1].note
        assert approvals.decisions(uow, brand.viewer, "tweet") == []


def test_a_slot_moved_to_where_it_is_changes_nothing(store: Store, brand, now) -> None:
    with store.unit_of_work() as uow:
        approvals.approve(uow, brand.admin, brand.draft_id, version=1, now=now)
        calendar.move_slot(uow, brand.editor, brand.entry.id, brand.entry.slot_at, now=now)
        assert drafts.get_draft(uow, brand.viewer, brand.draft_id).status is DraftStatus.APPROVED
        with pytest.raises(InvalidInput, match="no zone"):
            calendar.move_slot(uow, brand.editor, brand.entry.id, datetime(2026, 12, 1), now=now)  # noqa: DTZ001


@pytest.mark.parametrize("before", list(DraftStatus))
def test_the_status_machine(store: Store, brand, make_draft, now, before: DraftStatus) -> None:
    """Decisions and submission reach exactly the statuses that TRANSITIONS allows; an approval ends by a change only."""
    act = {
        DraftStatus.APPROVED: lambda uow, d: approvals.approve(uow, brand.admin, d, version=1, now=now),
        DraftStatus.REJECTED: lambda uow, d: approvals.reject(uow, brand.admin, d, version=1, note="x", now=now),
        DraftStatus.CHANGES_REQUESTED: lambda uow, d: approvals.request_changes(
            uow, brand.editor, d, version=1, note="x", now=now
        ),
        DraftStatus.IN_REVIEW: lambda uow, d: drafts.submit_draft(uow, brand.editor, d, now=now),
    }
    assert all(DraftStatus.DRAFT not in reached for reached in TRANSITIONS.values())
    with store.unit_of_work() as uow:
        for after, take in act.items():
            entry, draft_id = replace(brand.entry, id=f"entry-{after}"), f"draft-{after}"
            planning.save_calendar(uow, SYSTEM, brand.strategy.id, [entry], now=now)
            planning.save_drafts(uow, SYSTEM, [make_draft(entry, draft_id)], now=now)
            if before is DraftStatus.DRAFT:
                uow.drafts.set_status(draft_id, before)
                uow.commit()
            elif before is not DraftStatus.IN_REVIEW:
                act[before](uow, draft_id)
            assert drafts.get_draft(uow, brand.viewer, draft_id).status is before
            if (before, after) == (DraftStatus.APPROVED, DraftStatus.IN_REVIEW):
                with pytest.raises(Conflict, match="cannot be submitted"):
                    take(uow, draft_id)
                drafts.edit_draft(uow, brand.editor, draft_id, text="Changed", based_on=1, now=now)
            elif after in TRANSITIONS[before]:
                take(uow, draft_id)
            else:
                with pytest.raises(Conflict, match="This draft is"):
                    take(uow, draft_id)
            expected = after if after in TRANSITIONS[before] else before
            assert drafts.get_draft(uow, brand.viewer, draft_id).status is expected, after


def test_an_edit_answers_a_request_for_changes(store: Store, brand, now) -> None:
    with store.unit_of_work() as uow:
        approvals.request_changes(uow, brand.editor, brand.draft_id, version=1, note="Shorter, please", now=now)
        edited = drafts.edit_draft(uow, brand.editor, brand.draft_id, text="Short", based_on=1, now=now)
        assert edited.status is DraftStatus.IN_REVIEW
        assert [a.note for a in approvals.decisions(uow, brand.viewer, brand.draft_id)] == ["Shorter, please"]


def test_a_rejected_draft_is_not_edited(store: Store, brand, now) -> None:
    with store.unit_of_work() as uow:
        approvals.reject(uow, brand.admin, brand.draft_id, version=1, note="Off brand", now=now)
        with pytest.raises(Conflict, match="rejected and cannot be edited"):
            drafts.edit_draft(uow, brand.editor, brand.draft_id, text="Again", based_on=1, now=now)


def test_a_refusal_needs_a_reason(store: Store, brand, now) -> None:
    with store.unit_of_work() as uow:
        for decide in (approvals.request_changes, approvals.reject):
            with pytest.raises(InvalidInput, match="The note is empty"):
                decide(uow, brand.admin, brand.draft_id, version=1, note=" ", now=now)


def _at_once(store: Store, *calls) -> list[FabricError | str | None]:
    """Runs each call in a thread and unit of work of its own, started together; gives what each raised."""
    outcomes: list[FabricError | str | None] = ["did not end"] * len(calls)
    gate = threading.Barrier(len(calls))

    def run(index: int) -> None:
        with store.unit_of_work() as uow:
            gate.wait()
            try:
                calls[index](uow)
                outcomes[index] = None
            except FabricError as error:
                outcomes[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcomes


def test_of_several_approvers_at_once_one_wins(store: Store, brand, now) -> None:
    def approve(uow) -> None:
        approvals.approve(uow, brand.admin, brand.draft_id, version=1, now=now)

    outcomes = _at_once(store, *[approve] * 4)
    assert sorted(str(type(o).__name__) for o in outcomes) == ["Conflict"] * 3 + ["NoneType"], outcomes
    with store.unit_of_work() as uow:
        assert len(approvals.decisions(uow, brand.viewer, brand.draft_id)) == 1


def test_of_several_editors_at_once_one_wins(store: Store, brand, now) -> None:
    calls = [
        lambda uow, n=n: drafts.edit_draft(uow, brand.editor, brand.draft_id, text=f"Text {n}", based_on=1, now=now)
        for n in range(4)
    ]
    outcomes = _at_once(store, *calls)
    winner = outcomes.index(None)
    assert sum(isinstance(o, Conflict) for o in outcomes) == 3, outcomes
    with store.unit_of_work() as uow:
        assert [v.text for v in drafts.history(uow, brand.viewer, brand.draft_id)] == ["First words", f"Text {winner}"]


def _approve_while_held(store: Store, brand, now, change) -> FabricError | str | None:
    """Starts an approval of version 1 while another unit holds the draft and makes a change; gives what it raised."""
    outcome: list[FabricError | None] = []

    def approve() -> None:
        with store.unit_of_work() as uow:
            try:
                approvals.approve(uow, brand.admin, brand.draft_id, version=1, now=now)
                outcome.append(None)
            except FabricError as error:
                outcome.append(error)

    approver = threading.Thread(target=approve)
    with store.unit_of_work() as holder:
        holder.begin_write()
        holder.drafts.lock(brand.draft_id)
        approver.start()
        approver.join(timeout=0.5)
        assert outcome == [], "the approval did not wait for the change"
        change(holder)
        holder.commit()
    approver.join(timeout=60)
    return outcome[0] if outcome else "did not end"


def test_an_approval_waits_for_an_edit_under_way_and_is_refused(store: Store, brand, now) -> None:
    def edit(uow) -> None:
        newest = uow.drafts.get(brand.draft_id).version
        uow.drafts.add_version("natgeo", replace(newest, number=2, text="Changed"))

    assert "Version 2 was saved" in str(_approve_while_held(store, brand, now, edit))


def test_an_approval_waits_for_a_move_under_way_and_binds_the_new_slot(store: Store, brand, now) -> None:
    there = now + timedelta(days=20)
    assert _approve_while_held(store, brand, now, lambda uow: uow.calendar.set_slot(brand.entry.id, there)) is None
    with store.unit_of_work() as uow:
        draft = drafts.get_draft(uow, brand.viewer, brand.draft_id)
        assert (draft.status, draft.slot_at) == (DraftStatus.APPROVED, there)
        assert approvals.approved_version(uow, brand.viewer, brand.draft_id) == draft.version


@pytest.mark.parametrize("attempt", range(5))
def test_an_approval_never_survives_a_change_made_at_the_same_time(store: Store, brand, now, attempt: int) -> None:
    def approve(uow) -> None:
        approvals.approve(uow, brand.admin, brand.draft_id, version=1, now=now)

    def move(uow) -> None:
        calendar.move_slot(uow, brand.editor, brand.entry.id, now + timedelta(days=20), now=now)

    def edit(uow) -> None:
        drafts.edit_draft(uow, brand.editor, brand.draft_id, text="Changed", based_on=1, now=now)

    _approved, moved, edited = _at_once(store, approve, move, edit)
    assert (moved, edited) == (None, None)
    with store.unit_of_work() as uow:
        draft = drafts.get_draft(uow, brand.viewer, brand.draft_id)
        assert draft.version.text == "Changed"
        assert draft.slot_at == now + timedelta(days=20)
        if draft.status is DraftStatus.APPROVED:
            pytest.fail("version 1 was approved, and neither the edit nor the move revoked it")
        taken = [a.decision for a in approvals.decisions(uow, brand.viewer, brand.draft_id)]
        assert taken in ([], [Decision.APPROVED, Decision.REVOKED])


def test_of_two_strategies_saved_at_once_each_gets_its_version(store: Store, brand, make_document, now) -> None:
    calls = [
        lambda uow, n=n: planning.save_strategy(uow, SYSTEM, make_document("natgeo", value=float(n)), now=now)
        for n in range(3)
    ]
    assert _at_once(store, *calls) == [None] * 3
    with store.unit_of_work() as uow:
        assert [s.version for s in planning.list_strategies(uow, brand.viewer, "natgeo")] == [4, 3, 2, 1]


def test_editors_may_ask_for_changes_but_not_approve(store: Store, brand, now) -> None:
    with store.unit_of_work() as uow:
        with pytest.raises(Forbidden, match="takes admin"):
            approvals.approve(uow, brand.editor, brand.draft_id, version=1, now=now)
        approvals.request_changes(uow, brand.editor, brand.draft_id, version=1, note="Add a link", now=now)
