"""Workspaces, members and tenants."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from models import services
from models.domain.assets import Asset
from models.domain.brand import BrandProfile
from models.domain.connection import ConnectedAccount, Credential, SyncRun, SyncStatus, Vendor
from models.domain.planning import DateKind
from models.domain.publishing import MediaKind, Published
from models.domain.usage import JobKind, JobStatus
from models.domain.workspace import SYSTEM, Plan, Principal, Role
from models.errors import Conflict, Forbidden, InvalidInput, NotFound
from models.services import (
    approvals,
    assets,
    calendar,
    connections,
    drafts,
    jobs,
    onboarding,
    outbox,
    planning,
    planning_dates,
    policy,
    queries,
    sources,
)
from models.store.database import Store
from models.store.unit_of_work import UnitOfWork
from tests.integration.publishing.platform import NoFiles, OpenCipher, connect


def test_a_workspace_gets_its_id_from_its_name(store: Store, now) -> None:
    with store.unit_of_work() as uow:
        made = onboarding.create_workspace(
            uow, SYSTEM, name="  Nat  Geo! ", zone="Europe/Berlin", plan=Plan.AGENCY, now=now
        )
        assert (made.id, made.name) == ("nat-geo", "Nat Geo!")
        assert onboarding.get_workspace(uow, SYSTEM, "nat-geo") == made
        with pytest.raises(Conflict, match="'nat-geo' exists already"):
            onboarding.create_workspace(uow, SYSTEM, name="Nat Geo", now=now)
        with pytest.raises(InvalidInput, match="not an IANA zone"):
            onboarding.create_workspace(uow, SYSTEM, name="Other", zone="Middle/Earth", now=now)
        assert onboarding.list_workspaces(uow, SYSTEM) == [made]


def test_who_creates_a_workspace_is_its_admin_and_only_admins_create(store: Store, brand, now) -> None:
    with store.unit_of_work() as uow:
        onboarding.create_workspace(uow, brand.admin, name="Second", now=now)
        assert onboarding.role_of(uow, brand.admin, "second") is Role.ADMIN
        assert [w.id for w in onboarding.list_workspaces(uow, brand.admin)] == ["natgeo", "second"]
        assert [w.id for w in onboarding.list_workspaces(uow, brand.editor)] == ["natgeo"]
        for person in (brand.editor, brand.viewer, Principal("stranger", "s@example.org")):
            with pytest.raises(Forbidden, match="create a workspace"):
                onboarding.create_workspace(uow, person, name="Third", now=now)


def test_sign_in_knows_addresses_in_any_case_and_nobody_else(store: Store, brand) -> None:
    with store.unit_of_work() as uow:
        assert onboarding.sign_in(uow, " ADMIN@natgeo.Example ") == brand.admin
        with pytest.raises(NotFound, match=r"who@example\.org"):
            onboarding.sign_in(uow, "who@example.org")


def test_one_person_is_one_user_in_two_workspaces(store: Store, make_brand, now) -> None:
    one, other = make_brand("one"), make_brand("other")
    with store.unit_of_work() as uow:
        user = onboarding.add_member(
            uow, other.admin, "other", email="Editor@one.example", name="Renamed", role=Role.VIEWER, now=now
        )
        assert (user.id, user.name) == (one.editor.user_id, "Editor")
        assert onboarding.role_of(uow, one.editor, "one") is Role.EDITOR
        assert onboarding.role_of(uow, one.editor, "other") is Role.VIEWER


@pytest.mark.parametrize("email", ["", "ana", "ana@", "a b@example.org", "a@b@c", "x" * 260 + "@example.org"])
def test_a_wrong_address_is_refused(store: Store, brand, now, email: str) -> None:
    with store.unit_of_work() as uow, pytest.raises(InvalidInput):
        onboarding.add_member(uow, brand.admin, "natgeo", email=email, name="Ana", role=Role.VIEWER, now=now)


def test_a_changed_role_acts_at_the_next_call_even_in_an_open_unit(store: Store, brand, now) -> None:
    with store.unit_of_work() as open_tab, store.unit_of_work() as office:
        drafts.edit_draft(open_tab, brand.editor, brand.draft_id, text="Mine", based_on=1, now=now)
        onboarding.add_member(
            office, brand.admin, "natgeo", email=brand.editor.email, name="", role=Role.VIEWER, now=now
        )
        with pytest.raises(Forbidden, match=r"viewer.*edit a draft"):
            drafts.edit_draft(open_tab, brand.editor, brand.draft_id, text="Mine again", based_on=2, now=now)
        assert drafts.get_draft(open_tab, brand.editor, brand.draft_id).version.text == "Mine"
        onboarding.remove_member(office, brand.admin, "natgeo", brand.editor.user_id, now=now)
        with pytest.raises(NotFound):
            drafts.get_draft(open_tab, brand.editor, brand.draft_id)
        assert onboarding.display_names(office, brand.admin, "natgeo")[brand.editor.user_id] == "Editor"


def test_a_workspace_keeps_an_admin(store: Store, brand, now) -> None:
    with store.unit_of_work() as uow:
        with pytest.raises(Conflict, match="last admin"):
            onboarding.add_member(
                uow, brand.admin, "natgeo", email=brand.admin.email, name="", role=Role.EDITOR, now=now
            )
        with pytest.raises(Conflict, match="last admin"):
            onboarding.remove_member(uow, brand.admin, "natgeo", brand.admin.user_id, now=now)
        onboarding.add_member(uow, brand.admin, "natgeo", email=brand.editor.email, name="", role=Role.ADMIN, now=now)
        onboarding.remove_member(uow, brand.admin, "natgeo", brand.admin.user_id, now=now)
        members = [(user.email, role) for user, role in onboarding.list_members(uow, brand.editor, "natgeo")]
    assert members == [("editor@natgeo.example", Role.ADMIN), ("viewer@natgeo.example", Role.VIEWER)]


def connected(store: Store, brand: Any, now: Any) -> SimpleNamespace:
    """The brand with an account, a post of unknown outcome on it, and a file."""
    page = connect(store, brand.workspace_id, "page", now)
    asset = Asset("a" * 64, brand.workspace_id, MediaKind.IMAGE, "image/png", 9, "a.png", now)
    with store.unit_of_work() as uow:
        assets.save_asset(uow, SYSTEM, asset)
        assets.attach_media(uow, SYSTEM, brand.draft_id, asset.id, now=now)
        approvals.approve(uow, SYSTEM, brand.draft_id, version=2, now=now)
        item = outbox.claim_next(uow, SYSTEM, worker="w", now=brand.entry.slot_at)
        assert item is not None
        item = outbox.mark_unknown(uow, SYSTEM, item, "No answer.", worker="w", now=now)
        onboarding.track_competitor(uow, SYSTEM, brand.workspace_id, name="Watched", now=now)
        source = sources.watch_source(uow, SYSTEM, brand.workspace_id, "watched", "https://watched.example", now=now)
        query = queries.save_query(uow, SYSTEM, brand.workspace_id, "one", "select 1", now=now)
        day = planning_dates.add_date(
            uow, SYSTEM, brand.workspace_id, kind=DateKind.BLACKOUT, name="Closed", starts_on=now.date(), now=now
        )
    run = SyncRun("r", page, brand.workspace_id, "posts", now, now, now, now, SyncStatus.DONE, 1, 1, 0)
    return SimpleNamespace(
        **vars(brand), page=page, asset=asset, item=item, run=run, source=source, query=query, day=day
    )


ACCOUNT = ConnectedAccount("2", "Second", Credential("t"))
Attempt = Callable[[UnitOfWork, Principal, Any, Any], object]
ATTEMPTS: dict[str, Attempt] = {
    "get_workspace": lambda u, p, b, now: onboarding.get_workspace(u, p, b.workspace_id),
    "delete_workspace": lambda u, p, b, now: onboarding.delete_workspace(u, p, b.workspace_id, now=now),
    "role_of": lambda u, p, b, now: onboarding.role_of(u, p, b.workspace_id),
    "list_members": lambda u, p, b, now: onboarding.list_members(u, p, b.workspace_id),
    "display_names": lambda u, p, b, now: onboarding.display_names(u, p, b.workspace_id),
    "add_member": lambda u, p, b, now: onboarding.add_member(
        u, p, b.workspace_id, email=p.email, name="Me", role=Role.ADMIN, now=now
    ),
    "remove_member": lambda u, p, b, now: onboarding.remove_member(u, p, b.workspace_id, b.viewer.user_id, now=now),
    "list_competitors": lambda u, p, b, now: onboarding.list_competitors(u, p, b.workspace_id),
    "track_competitor": lambda u, p, b, now: onboarding.track_competitor(u, p, b.workspace_id, name="Rival", now=now),
    "untrack_competitor": lambda u, p, b, now: onboarding.untrack_competitor(u, p, b.workspace_id, "rival", now=now),
    "get_brand_profile": lambda u, p, b, now: onboarding.get_brand_profile(u, p, b.workspace_id),
    "set_brand_profile": lambda u, p, b, now: onboarding.set_brand_profile(u, p, BrandProfile(b.workspace_id), now=now),
    "save_strategy": lambda u, p, b, now: planning.save_strategy(u, p, b.strategy.document, now=now),
    "latest_strategy": lambda u, p, b, now: planning.latest_strategy(u, p, b.workspace_id),
    "list_strategies": lambda u, p, b, now: planning.list_strategies(u, p, b.workspace_id),
    "get_strategy": lambda u, p, b, now: planning.get_strategy(u, p, b.strategy.id),
    "approve_strategy": lambda u, p, b, now: planning.approve_strategy(u, p, b.strategy.id, now=now),
    "revise_strategy": lambda u, p, b, now: planning.revise_strategy(u, p, b.strategy.id, note="Warmer.", now=now),
    "unwatch_source": lambda u, p, b, now: sources.unwatch_source(u, p, b.source.id, now=now),
    "delete_query": lambda u, p, b, now: queries.delete_query(u, p, b.query.id, now=now),
    "remove_date": lambda u, p, b, now: planning_dates.remove_date(u, p, b.day.id, now=now),
    "save_calendar": lambda u, p, b, now: planning.save_calendar(u, p, b.strategy.id, [b.entry], now=now),
    "save_drafts": lambda u, p, b, now: planning.save_drafts(u, p, [drafts.get_draft(u, SYSTEM, b.draft_id)], now=now),
    "list_entries": lambda u, p, b, now: calendar.list_entries(u, p, b.workspace_id),
    "get_entry": lambda u, p, b, now: calendar.get_entry(u, p, b.entry.id),
    "move_slot": lambda u, p, b, now: calendar.move_slot(u, p, b.entry.id, now + timedelta(days=9), now=now),
    "list_drafts": lambda u, p, b, now: drafts.list_drafts(u, p, b.workspace_id),
    "get_draft": lambda u, p, b, now: drafts.get_draft(u, p, b.draft_id),
    "history": lambda u, p, b, now: drafts.history(u, p, b.draft_id),
    "edit_draft": lambda u, p, b, now: drafts.edit_draft(u, p, b.draft_id, text="Stolen", based_on=1, now=now),
    "rewrite_draft": lambda u, p, b, now: drafts.rewrite_draft(
        u, p, b.draft_id, text="Stolen", variants=(), writer="a/model", based_on=1, note="", now=now
    ),
    "submit_draft": lambda u, p, b, now: drafts.submit_draft(u, p, b.draft_id, now=now),
    "approve": lambda u, p, b, now: approvals.approve(u, p, b.draft_id, version=1, now=now),
    "request_changes": lambda u, p, b, now: approvals.request_changes(u, p, b.draft_id, version=1, note="x", now=now),
    "reject": lambda u, p, b, now: approvals.reject(u, p, b.draft_id, version=1, note="x", now=now),
    "decisions": lambda u, p, b, now: approvals.decisions(u, p, b.draft_id),
    "approved_version": lambda u, p, b, now: approvals.approved_version(u, p, b.draft_id),
    "request_job": lambda u, p, b, now: jobs.request_job(u, p, b.workspace_id, JobKind.BUILD, {}, now=now),
    "list_jobs": lambda u, p, b, now: jobs.list_jobs(u, p, b.workspace_id),
    "connect_account": lambda u, p, b, now: connections.connect_account(
        u, p, b.workspace_id, Vendor.X, ACCOUNT, cipher=OpenCipher(), sandbox=True, now=now
    ),
    "_store_account": lambda u, p, b, now: connections._store_account(
        u, p, b.workspace_id, Vendor.X, ACCOUNT, b"", sandbox=True, now=now
    ),
    "list_connections": lambda u, p, b, now: connections.list_connections(u, p, b.workspace_id),
    "get_connection": lambda u, p, b, now: connections.get_connection(u, p, b.page),
    "disconnect": lambda u, p, b, now: connections.disconnect(u, p, b.page, now=now),
    "set_options": lambda u, p, b, now: connections.set_options(u, p, b.page, {}, now=now),
    "list_syncs": lambda u, p, b, now: connections.list_syncs(u, p, b.page),
    "gaps": lambda u, p, b, now: connections.gaps(u, p, b.page),
    "save_asset": lambda u, p, b, now: assets.save_asset(u, p, b.asset),
    "list_assets": lambda u, p, b, now: assets.list_assets(u, p, b.workspace_id),
    "media_of": lambda u, p, b, now: assets.media_of(u, p, b.draft_id),
    "attach_media": lambda u, p, b, now: assets.attach_media(u, p, b.draft_id, b.asset.id, alt_text="x", now=now),
    "detach_media": lambda u, p, b, now: assets.detach_media(u, p, b.draft_id, b.asset.id, now=now),
    "reorder_media": lambda u, p, b, now: assets.reorder_media(u, p, b.draft_id, [b.asset.id], now=now),
    "list_outbox": lambda u, p, b, now: outbox.list_outbox(u, p, b.workspace_id),
    "get_item": lambda u, p, b, now: outbox.get_item(u, p, b.item.key),
    "outbox_log": lambda u, p, b, now: outbox.outbox_log(u, p, b.item.key),
    "decide_unknown": lambda u, p, b, now: outbox.decide_unknown(u, p, b.item.key, sent=True, note="x", now=now),
    "retry_failed": lambda u, p, b, now: outbox.retry_failed(u, p, b.item.key, now=now),
}
"""Every service call that is about one workspace."""


SYSTEM_ATTEMPTS: dict[str, Attempt] = {
    "list_users": lambda u, p, b, now: onboarding.list_users(u, p),
    "keep_memory": lambda u, p, b, now: sources.keep_memory(u, p, b.source.id, {}, message="", now=now),
    "claim_job": lambda u, p, b, now: jobs.claim_job(u, p, now=now),
    "report_progress": lambda u, p, b, now: jobs.report_progress(u, p, "j", "half", now=now),
    "finish_job": lambda u, p, b, now: jobs.finish_job(u, p, "j", JobStatus.DONE, "", now=now),
    "credential_of": lambda u, p, b, now: connections.credential_of(u, p, b.page, cipher=OpenCipher()),
    "renew_credential": lambda u, p, b, now: connections.renew_credential(
        u, p, b.page, Credential("token-page"), lambda used: used, cipher=OpenCipher(), now=now
    ),
    "mark_expired": lambda u, p, b, now: connections.mark_expired(u, p, b.page, "x", now=now),
    "record_sync": lambda u, p, b, now: connections.record_sync(u, p, b.run, quota={}, synced_through=None),
    "enqueue_missing": lambda u, p, b, now: outbox.enqueue_missing(u, p, b.workspace_id, now=now),
    "claim_next": lambda u, p, b, now: outbox.claim_next(u, p, worker="w", now=now),
    "recover": lambda u, p, b, now: outbox.recover(u, p, now=now),
    "unresolved": lambda u, p, b, now: outbox.unresolved(u, p, now=now),
    "outgoing": lambda u, p, b, now: outbox.outgoing(u, p, b.item.key, files=NoFiles()),
    "sent_as": lambda u, p, b, now: outbox.sent_as(u, p, b.item.key, "p"),
    "finish_phase": lambda u, p, b, now: outbox.finish_phase(u, p, b.item, "x", {}, worker="w", now=now),
    "mark_sending": lambda u, p, b, now: outbox.mark_sending(u, p, b.item, worker="w", now=now),
    "mark_sent": lambda u, p, b, now: outbox.mark_sent(u, p, b.item, Published("p"), worker="w", now=now),
    "mark_unknown": lambda u, p, b, now: outbox.mark_unknown(u, p, b.item, "x", worker="w", now=now),
    "mark_failed": lambda u, p, b, now: outbox.mark_failed(u, p, b.item, "x", worker="w", now=now),
    "put_back": lambda u, p, b, now: outbox.put_back(u, p, b.item, "x", not_before=now, worker="w", now=now),
    "mark_absent": lambda u, p, b, now: outbox.mark_absent(u, p, b.item, "x", not_before=now, worker="w", now=now),
    "mark_uncertain": lambda u, p, b, now: outbox.mark_uncertain(
        u, p, b.item, "x", not_before=now, looked=True, worker="w", now=now
    ),
}
"""Every service call that is the system's alone."""


def test_what_is_the_systems_is_nobody_elses(store: Store, brand, now) -> None:
    made = connected(store, brand, now)
    with store.unit_of_work() as uow:
        for attempt in SYSTEM_ATTEMPTS.values():
            for person in (brand.admin, brand.editor, brand.viewer):
                with pytest.raises(Forbidden):
                    attempt(uow, person, made, now)
        assert outbox.get_item(uow, SYSTEM, made.item.key) == made.item


def test_a_member_of_one_workspace_can_do_nothing_in_another(store: Store, make_brand, now) -> None:
    """Ids are known here, as if guessed; the answer is the one that a made-up id gets."""
    mine, theirs = make_brand("mine"), connected(store, make_brand("theirs"), now)
    with store.unit_of_work() as uow:
        before = uow.events.of_workspace("theirs")
        uow.rollback()
        for attempt in ATTEMPTS.values():
            for person in (mine.admin, Principal("", ""), Principal("stranger", theirs.admin.email)):
                with pytest.raises(NotFound):
                    attempt(uow, person, theirs, now)
        assert uow.events.of_workspace("theirs") == before
        with pytest.raises(NotFound) as foreign:
            drafts.get_draft(uow, mine.admin, theirs.draft_id)
        with pytest.raises(NotFound) as absent:
            drafts.get_draft(uow, mine.admin, "no-such-draft")
        with pytest.raises(NotFound, match=r"'theirs'.*those you may: mine\.$"):
            onboarding.get_workspace(uow, mine.viewer, "theirs")
        with pytest.raises(NotFound, match=r"those you may: mine, theirs\.$"):
            onboarding.get_workspace(uow, SYSTEM, "none")
        assert str(foreign.value).replace(theirs.draft_id, "…") == str(absent.value).replace("no-such-draft", "…")


def services_with_a_policy() -> dict[str, Any]:
    """Every function of every service module that the policy guards, by its name."""
    modules = [
        importlib.import_module(f"{services.__name__}.{each.name}") for each in pkgutil.iter_modules(services.__path__)
    ]
    return {
        name: function
        for module in modules
        for name, function in vars(module).items()
        if "fabric_policy" in getattr(function, "__dict__", {}) and function.__module__ == module.__name__
    }


def named_by(scope: policy.Scope) -> dict[str, Any]:
    """The guarded functions of that scope that stand in neither list above."""
    return {
        name: function
        for name, function in services_with_a_policy().items()
        if function.fabric_scope is scope and name not in ATTEMPTS and name not in SYSTEM_ATTEMPTS
    }


def attempt_blindly(function: Any, uow: UnitOfWork, person: Principal, workspace_id: str) -> object:
    """A call with nothing in it but the workspace: the policy answers before the function looks at the rest."""
    rest = list(inspect.signature(function).parameters.values())[3:]
    needed = [each for each in rest if each.default is inspect.Parameter.empty]
    return function(
        uow, person, workspace_id,
        *(None for each in needed if each.kind is not inspect.Parameter.KEYWORD_ONLY),
        **{each.name: None for each in needed if each.kind is inspect.Parameter.KEYWORD_ONLY},
    )  # fmt: skip


def test_no_other_service_lets_a_stranger_or_too_low_a_role_in(store: Store, make_brand, now) -> None:
    mine, theirs = make_brand("mine"), make_brand("theirs")
    people = {Role.ADMIN: theirs.admin, Role.EDITOR: theirs.editor, Role.VIEWER: theirs.viewer}
    with store.unit_of_work() as uow:
        before = uow.events.of_workspace("theirs")
        uow.rollback()
        for function in named_by(policy.INSTALLATION).values():
            for person in people.values() if not policy.POLICY[function.fabric_policy] else ():
                with pytest.raises(Forbidden):
                    attempt_blindly(function, uow, person, "theirs")
        for function in named_by(policy.WORKSPACE).values():
            for person in (mine.admin, Principal("", ""), Principal("stranger", theirs.admin.email)):
                with pytest.raises(NotFound):
                    attempt_blindly(function, uow, person, "theirs")
            for role in set(people) - policy.POLICY[function.fabric_policy]:
                with pytest.raises(Forbidden):
                    attempt_blindly(function, uow, people[role], "theirs")
        assert uow.events.of_workspace("theirs") == before


def test_no_service_about_one_thing_of_a_workspace_is_missing_from_the_attempts() -> None:
    found = services_with_a_policy()
    assert len(found) > 100, "the search for services finds too few"
    attempted_blindly = set(named_by(policy.WORKSPACE)) | set(named_by(policy.INSTALLATION))
    steps_of_renewing = {"_begin_renewal", "_end_renewal", "_store_renewed"}
    assert set(found) - set(ATTEMPTS) - set(SYSTEM_ATTEMPTS) - attempted_blindly == steps_of_renewing


VIEWER_READS = {
    "get_workspace", "role_of", "list_members", "display_names", "list_competitors", "get_brand_profile",
    "latest_strategy", "list_strategies", "get_strategy", "list_entries", "get_entry", "list_drafts", "get_draft",
    "history", "decisions", "approved_version", "list_jobs", "list_connections", "get_connection", "list_syncs", "gaps",
    "list_assets", "media_of", "list_outbox", "get_item", "outbox_log",
}  # fmt: skip


def test_a_viewer_reads_and_does_nothing_else(store: Store, brand, now) -> None:
    brand = connected(store, brand, now)
    with store.unit_of_work() as uow:
        for name in VIEWER_READS:
            ATTEMPTS[name](uow, brand.viewer, brand, now)
        for name in set(ATTEMPTS) - VIEWER_READS:
            with pytest.raises(Forbidden):
                ATTEMPTS[name](uow, brand.viewer, brand, now)


def test_an_editor_neither_decides_nor_manages(store: Store, brand, now) -> None:
    brand = connected(store, brand, now)
    managing = (
        "approve", "reject", "add_member", "track_competitor", "set_brand_profile", "delete_workspace", "connect_account",
        "disconnect", "set_options", "decide_unknown", "retry_failed", "approve_strategy", "unwatch_source",
    )  # fmt: skip
    with store.unit_of_work() as uow:
        for name in managing:
            with pytest.raises(Forbidden):
                ATTEMPTS[name](uow, brand.editor, brand, now)


def test_competitors_are_tracked_once(store: Store, brand, now) -> None:
    with store.unit_of_work() as uow:
        npr = onboarding.track_competitor(uow, brand.admin, "natgeo", name="NPR", now=now)
        assert onboarding.track_competitor(uow, brand.admin, "natgeo", name="npr", now=now) == npr
        with pytest.raises(Conflict, match="clearer name"):
            onboarding.track_competitor(
                uow, brand.admin, "natgeo", name="N.P.R.", now=now
            ) and onboarding.track_competitor(uow, brand.admin, "natgeo", name="n p r", now=now)
        kanji = onboarding.track_competitor(uow, brand.admin, "natgeo", name="朝日新聞", now=now)
        assert kanji.id.startswith("c-")
        onboarding.untrack_competitor(uow, brand.admin, "natgeo", "npr", now=now)
        assert npr not in onboarding.list_competitors(uow, brand.viewer, "natgeo")
        with pytest.raises(NotFound):
            onboarding.untrack_competitor(uow, brand.admin, "natgeo", "npr", now=now)


def test_a_brand_profile_is_empty_until_said_and_then_what_was_said(store: Store, brand, now) -> None:
    with store.unit_of_work() as uow:
        assert onboarding.get_brand_profile(uow, brand.viewer, "natgeo") == BrandProfile("natgeo")
        said = BrandProfile(
            "natgeo", "Maps & animals", "families", "warm", ("unleash",), ("#nature",), ("https://example.org",)
        )
        onboarding.set_brand_profile(uow, brand.admin, said, now=now)
        onboarding.set_brand_profile(uow, brand.admin, said, now=now)
        assert onboarding.get_brand_profile(uow, brand.viewer, "natgeo") == said
        with pytest.raises(InvalidInput, match="control characters"):
            onboarding.set_brand_profile(uow, brand.admin, BrandProfile("natgeo", "a\x00b"), now=now)
