"""Mailchimp Marketing 3.0 in the sandbox: lists, campaigns, content, checklist, send, schedule, reports.

Shapes follow the vendor's own schemas; errors are `application/problem+json`. There are no limit headers, a refusal for
too many calls has no Retry-After, and under heavy load the answer is a bare 403 without a body (set
`world.objects(MAILCHIMP, "load")["bare_403"] = {"left": n}`).
"""

from __future__ import annotations

import base64
import binascii
import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.email.body import text_of
from connectors.sandbox import mail_audience
from connectors.sandbox.mail_calls import Handler, body_of, moment, of_campaign
from connectors.sandbox.mail_campaigns import Campaign, Campaigns, Status
from connectors.sandbox.mailchimp_rows import Rows
from connectors.sandbox.server import SandboxVendor
from connectors.sandbox.world import World
from models.domain.connection import Vendor

ERRORS = "https://mailchimp.com/developer/marketing/docs/errors/"
MAX_COUNT = 1_000


def problem(status: int, title: str, detail: str, **more: Any) -> Response:
    """An error as Mailchimp says it."""
    body = {"type": ERRORS, "title": title, "status": status, "detail": detail, "instance": str(uuid.uuid4()), **more}
    return JSONResponse(body, status, media_type="application/problem+json")


def vendor(world: World) -> SandboxVendor:
    service = _Mailchimp(world)
    of = of_campaign(service.campaigns, _not_found)
    table: tuple[tuple[str, str, Handler], ...] = (
        ("GET", "/", service.root),
        ("GET", "/ping", service.ping),
        ("GET", "/lists", service.lists),
        ("POST", "/campaigns", service.create),
        ("GET", "/campaigns", service.list_campaigns),
        ("GET", "/campaigns/{id}", of(service.read)),
        ("PATCH", "/campaigns/{id}", of(service.update)),
        ("DELETE", "/campaigns/{id}", of(service.remove)),
        ("PUT", "/campaigns/{id}/content", of(service.set_content)),
        ("GET", "/campaigns/{id}/content", of(service.content)),
        ("GET", "/campaigns/{id}/send-checklist", of(service.checklist)),
        ("POST", "/campaigns/{id}/actions/{action}", of(service.act)),
        ("GET", "/reports", service.reports),
        ("GET", "/reports/{id}", of(service.report)),
    )
    routes = [Route(f"/3.0{path}", service.guarded(handler), methods=[method]) for method, path, handler in table]
    routes.append(Route("/3.0", service.guarded(service.root), methods=["GET"]))
    return SandboxVendor(
        Vendor.MAILCHIMP,
        routes,
        throttled=lambda: problem(429, "Too Many Requests", "You have exceeded the limit of 10 simultaneous connections."),
        expired=lambda: problem(401, "API Key Invalid", "Your API key may be invalid, or you've attempted to access the wrong datacenter."),
    )  # fmt: skip


class _Mailchimp:
    def __init__(self, world: World) -> None:
        self.world = world
        self.campaigns = Campaigns(world, Vendor.MAILCHIMP)
        self.rows = Rows(self.campaigns)

    def guarded(self, handler: Handler) -> Handler:
        """The handler behind the key check: Basic with any user name, or Bearer."""

        async def answer(request: Request) -> Response:
            overload = self.world.objects(Vendor.MAILCHIMP, "load").get("bare_403", {"left": 0})
            if overload["left"] > 0:
                overload["left"] -= 1
                return Response("Forbidden", 403, media_type="text/plain")
            key = _key(request.headers.get("authorization", ""))
            if not key:
                return problem(401, "API Key Missing", "Your request did not include an API key.")
            if not self.campaigns.accepts(key):
                return problem(
                    401, "API Key Invalid", "Your API key may be invalid, or you've attempted to access the wrong datacenter."
                )  # fmt: skip
            return await handler(request)

        return answer

    async def root(self, _: Request) -> Response:
        account = self.campaigns.account
        return JSONResponse({
            "account_id": account.id, "login_id": account.user_id, "account_name": account.name,
            "email": "hello@sample-brand.example", "role": "owner", "account_timezone": "Europe/Berlin",
            "total_subscribers": mail_audience.RECIPIENTS,
        })  # fmt: skip

    async def ping(self, _: Request) -> Response:
        return JSONResponse({"health_status": "Everything's Chimpy!"})

    async def lists(self, request: Request) -> Response:
        found = [{
            "id": self.campaigns.list_id, "web_id": 1, "name": mail_audience.LIST_NAME,
            "stats": {"member_count": mail_audience.RECIPIENTS, "unsubscribe_count": 12, "cleaned_count": 9},
        }]  # fmt: skip
        return JSONResponse({"lists": _page(request, found), "total_items": len(found)})

    async def create(self, request: Request) -> Response:
        body = await body_of(request)
        settings, recipients = body.get("settings") or {}, body.get("recipients") or {}
        if body.get("type") not in ("regular", "plaintext", "absplit", "rss", "variate"):
            return _invalid("type", "This value should not be blank.")
        if recipients.get("list_id") not in (None, self.campaigns.list_id):
            return _invalid("recipients.list_id", "The list ID is not valid.")
        campaign = self.campaigns.create(settings.get("title") or settings.get("subject_line") or "")
        wrong = self._settings(campaign, settings, recipients)
        return wrong or JSONResponse(self.rows.campaign(campaign))

    async def update(self, request: Request, campaign: Campaign) -> Response:
        body = await body_of(request)
        if campaign.status is not Status.DRAFT:
            return problem(400, "Bad Request", "Campaign cannot be edited in its current state.")
        wrong = self._settings(campaign, body.get("settings") or {}, body.get("recipients") or {})
        return wrong or JSONResponse(self.rows.campaign(campaign))

    async def list_campaigns(self, request: Request) -> Response:
        query = request.query_params
        since, before = moment(query.get("since_send_time")), moment(query.get("before_send_time"))
        made_since = moment(query.get("since_create_time"))
        found = [
            campaign for campaign in self.campaigns.all()
            if query.get("status") in (None, self.rows.status(campaign))
            and (made_since is None or campaign.created_at > made_since)
            and (since is None or (campaign.at is not None and campaign.at > since))
            and (before is None or (campaign.at is not None and campaign.at < before))
        ]  # fmt: skip
        page = [self.rows.campaign(campaign) for campaign in _page(request, found)]
        return JSONResponse({"campaigns": page, "total_items": len(found)})

    async def read(self, _: Request, campaign: Campaign) -> Response:
        return JSONResponse(self.rows.campaign(campaign))

    async def remove(self, _: Request, campaign: Campaign) -> Response:
        self.campaigns.discard(campaign)
        return Response(status_code=204)

    async def set_content(self, request: Request, campaign: Campaign) -> Response:
        if campaign.status is not Status.DRAFT:
            return problem(400, "Bad Request", "The campaign has already been sent or scheduled and cannot be changed.")
        body = await body_of(request)
        campaign.html = str(body.get("html") or "")
        campaign.text = str(body.get("plain_text") or "") or text_of(campaign.html)
        return JSONResponse({"plain_text": campaign.text, "html": campaign.html})

    async def content(self, _: Request, campaign: Campaign) -> Response:
        return JSONResponse({"plain_text": campaign.text, "html": campaign.html})

    async def checklist(self, _: Request, campaign: Campaign) -> Response:
        items = [
            {"type": "success" if good else "error", "id": number, "heading": heading, "details": details}
            for number, (good, heading, details) in enumerate(_checks(campaign), start=500)
        ]
        ready = all(item["type"] == "success" for item in items)
        return JSONResponse({"is_ready": ready, "items": items})

    async def act(self, request: Request, campaign: Campaign) -> Response:
        match request.path_params["action"]:
            case "send":
                if campaign.status is not Status.DRAFT or not all(good for good, _, _ in _checks(campaign)):
                    return problem(
                        400, "Bad Request", "Your Campaign is not ready to send. Please check the send checklist."
                    )
                self.campaigns.send(campaign)
            case "schedule":
                at = moment((await body_of(request)).get("schedule_time"))
                if at is None or at.minute % 15 or at.second or at <= self.world.clock.now():
                    return problem(
                        400, "Bad Request", "Campaigns may only be scheduled on the quarter-hour, in the future."
                    )
                if campaign.status is not Status.DRAFT or not all(good for good, _, _ in _checks(campaign)):
                    return problem(400, "Bad Request", "Your Campaign is not ready to schedule.")
                self.campaigns.schedule(campaign, at)
            case "unschedule":
                if campaign.status is not Status.SCHEDULED:
                    return problem(400, "Bad Request", "The campaign is not scheduled.")
                self.campaigns.unschedule(campaign)
            case "cancel-send":
                if campaign.status is not Status.SENT or not self.campaigns.sending(campaign):
                    return problem(400, "Bad Request", "This campaign can no longer be cancelled.")
                self.campaigns.unschedule(campaign, Status.CANCELLED)
            case other:
                return problem(404, "Resource Not Found", f"There is no action {other}.")
        return Response(status_code=204)

    async def reports(self, request: Request) -> Response:
        query = request.query_params
        found = [
            campaign for campaign in self.campaigns.sent()
            if campaign.at
            and (not (since := moment(query.get("since_send_time"))) or campaign.at > since)
            and (not (before := moment(query.get("before_send_time"))) or campaign.at < before)
        ]  # fmt: skip
        page = [self.rows.report(campaign) for campaign in _page(request, found)]
        return JSONResponse({"reports": page, "total_items": len(found)})

    async def report(self, request: Request, campaign: Campaign) -> Response:
        if campaign.status is not Status.SENT:
            return _not_found()
        return JSONResponse(self.rows.report(campaign))

    def _settings(self, campaign: Campaign, settings: dict[str, Any], recipients: dict[str, Any]) -> Response | None:
        """Takes what was given into a draft; the vendor's refusal when it cannot be."""
        subject = str(settings.get("subject_line", campaign.subject) or "")
        if len(subject) > 150:
            return _invalid("settings.subject_line", "The subject line is too long: 150 characters at most.")
        campaign.name = str(settings.get("title") or campaign.name)
        campaign.subject = subject
        campaign.preheader = str(settings.get("preview_text", campaign.preheader) or "")
        campaign.from_name = str(settings.get("from_name", "" if not campaign.extra else campaign.from_name) or "")
        campaign.reply_to = str(settings.get("reply_to", "" if not campaign.extra else campaign.reply_to) or "")
        campaign.extra["settings"] = "given"
        if recipients.get("list_id"):
            campaign.lists = (str(recipients["list_id"]),)
        return None


def _checks(campaign: Campaign) -> list[tuple[bool, str, str]]:
    """(good, heading, details) of everything that a campaign needs before it can be sent."""
    return [
        (bool(campaign.lists), "List", "A list is selected." if campaign.lists else "You must select a list."),
        (bool(campaign.subject), "Subject", campaign.subject or "You've still gotta write a subject line."),
        (bool(campaign.from_name), "From Name", campaign.from_name or "You've still gotta write a from name."),
        (bool(campaign.reply_to), "Replies", campaign.reply_to or "You've still gotta give a reply-to address."),
        (bool(campaign.html), "HTML Email", "Your content is ready." if campaign.html else "Your HTML email has not been designed."),
    ]  # fmt: skip


def _not_found() -> Response:
    return problem(404, "Resource Not Found", "The requested resource could not be found.")


def _invalid(field: str, message: str) -> Response:
    return problem(
        400, "Invalid Resource", "The resource submitted could not be validated. For field-specific details, see the 'errors' array.",
        errors=[{"field": field, "message": message}],
    )  # fmt: skip


def _key(header: str) -> str:
    kind, _, value = header.partition(" ")
    if kind.lower() == "bearer":
        return value
    try:
        return base64.b64decode(value).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _page(request: Request, found: list[Any]) -> list[Any]:
    count = min(int(request.query_params.get("count", 10)), MAX_COUNT)
    offset = int(request.query_params.get("offset", 0))
    return found[offset : offset + count]
