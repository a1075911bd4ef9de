"""Brevo v3 in the sandbox: account, lists, e-mail campaigns with their statistics.

Every answer carries `x-sib-ratelimit-*`, whose reset counts the seconds left. The plan is data of the world: set
`world.objects(BREVO, "plan")["plan"]` to `{"calls": n, "credits": n}` for a smaller one (the free plan has 100 calls an
hour on these endpoints; the sandbox's account has more, so that a test run is not stopped by it).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.email.body import text_of
from connectors.sandbox import mail_audience
from connectors.sandbox.mail_calls import Handler, body_of, moment, of_campaign, to_milliseconds
from connectors.sandbox.mail_campaigns import SENDER, Campaign, Campaigns, Status
from connectors.sandbox.server import SandboxVendor
from connectors.sandbox.world import World
from models.domain.connection import Vendor

PLAN = {"calls": 3_000, "credits": 500_000}
WINDOW = timedelta(hours=1)
MAX_LIMIT = 100
RECENT = timedelta(days=183)
"""The list's statistics cover events of the last six months only."""


def refusal(status: int, code: str, message: str) -> Response:
    return JSONResponse({"code": code, "message": message}, status)


def vendor(world: World) -> SandboxVendor:
    service = _Brevo(world)
    of = of_campaign(service.campaigns, _not_found)
    table: tuple[tuple[str, str, Handler], ...] = (
        ("GET", "/account", service.account),
        ("GET", "/contacts/lists", service.lists),
        ("POST", "/emailCampaigns", service.create),
        ("GET", "/emailCampaigns", service.list_campaigns),
        ("GET", "/emailCampaigns/{id}", of(service.read)),
        ("PUT", "/emailCampaigns/{id}", of(service.update)),
        ("POST", "/emailCampaigns/{id}/sendNow", of(service.send_now)),
        ("PUT", "/emailCampaigns/{id}/status", of(service.set_status)),
    )
    return SandboxVendor(
        Vendor.BREVO,
        [Route(f"/v3{path}", service.guarded(handler), methods=[method]) for method, path, handler in table],
        throttled=service.throttled,
        expired=lambda: refusal(401, "unauthorized", "Key not found"),
    )


class _Brevo:
    def __init__(self, world: World) -> None:
        self.world = world
        self.campaigns = Campaigns(world, Vendor.BREVO)
        self._window_began = world.clock.now()
        self._used = 0

    def guarded(self, handler: Handler) -> Handler:
        """The handler behind the key check and the hourly allowance, with the limit headers on its answer."""

        async def answer(request: Request) -> Response:
            if not self.campaigns.accepts(request.headers.get("api-key", "")):
                return refusal(401, "unauthorized", "Key not found")
            now = self.world.clock.now()
            if now - self._window_began >= WINDOW:
                self._window_began, self._used = now, 0
            if self._used >= self._plan["calls"]:
                return self.throttled()
            self._used += 1
            return self._limited(await handler(request))

        return answer

    def throttled(self) -> Response:
        refused = self._limited(refusal(429, "too_many_requests", "Too many requests were made in the time window."))
        refused.headers["x-sib-ratelimit-remaining"] = "0"
        return refused

    async def account(self, _: Request) -> Response:
        account = self.campaigns.account
        return JSONResponse({
            "organization_id": account.id, "user_id": 1, "enterprise": False, "email": account.handle,
            "firstName": "Sam", "lastName": "Ple", "companyName": account.name,
            "address": {"street": "1 Sample Street", "city": "Berlin", "zipCode": "10115", "country": "Germany"},
            "plan": [{"type": "subscription", "creditsType": "sendLimit", "credits": self._plan["credits"]}],
            "planVerticals": [], "relay": {"enabled": False, "data": {"userName": "s", "relay": "smtp-relay.brevo.com", "port": 587}},
            "marketingAutomation": {"enabled": False},
        })  # fmt: skip

    async def lists(self, _: Request) -> Response:
        found = [{
            "id": int(self.campaigns.list_id), "name": mail_audience.LIST_NAME, "folderId": 1, "totalBlacklisted": 0,
            "totalSubscribers": mail_audience.RECIPIENTS, "uniqueSubscribers": mail_audience.RECIPIENTS,
        }]  # fmt: skip
        return JSONResponse({"lists": found, "count": len(found)})

    async def create(self, request: Request) -> Response:
        body = await body_of(request)
        if not body.get("name"):
            return refusal(400, "missing_parameter", "name is missing")
        given = [key for key in ("htmlContent", "htmlUrl", "templateId") if body.get(key)]
        if len(given) != 1:
            return refusal(400, "invalid_parameter", "Only one of htmlContent, htmlUrl or templateId must be passed")
        html = str(body.get("htmlContent") or "")
        if not 10 < len(html.encode()) < 1024 * 1024:
            return refusal(400, "invalid_parameter", "htmlContent must have more than 10 characters and less than 1MB")
        sender = body.get("sender") or {}
        if not str(sender.get("email", "")).endswith("@" + SENDER[1].partition("@")[2]):
            return refusal(400, "invalid_parameter", "Sender is invalid / inactive")
        lists = tuple(str(number) for number in (body.get("recipients") or {}).get("listIds", []))
        if any(number != self.campaigns.list_id for number in lists):
            return refusal(400, "invalid_parameter", "List ids are invalid")
        campaign = self.campaigns.create(
            str(body["name"]), subject=str(body.get("subject") or ""), preheader=str(body.get("previewText") or ""),
            from_name=str(sender.get("name") or ""), from_email=str(sender["email"]),
            reply_to=str(body.get("replyTo") or sender["email"]), html=html, text=text_of(html), lists=lists,
        )  # fmt: skip
        if body.get("scheduledAt"):
            wrong = self._scheduled(campaign, body["scheduledAt"])
            if wrong is not None:
                return wrong
        return JSONResponse({"id": int(campaign.id)}, 201)

    async def list_campaigns(self, request: Request) -> Response:
        query = request.query_params
        start, end = moment(query.get("startDate")), moment(query.get("endDate"))
        if (start is None) != (end is None):
            return refusal(400, "missing_parameter", "startDate and endDate must be passed together")
        if start and end and (query.get("status") not in (None, "sent") or end - start > timedelta(days=731)):
            return refusal(400, "invalid_parameter", "The date range must not exceed 2 years and status must be sent")
        if end and end > self.world.clock.now() + timedelta(seconds=1):
            return refusal(400, "invalid_parameter", "endDate must not be in the future")
        limit = int(query.get("limit", 50))
        if limit > MAX_LIMIT:
            return refusal(400, "out_of_range", f"limit must be at most {MAX_LIMIT}")
        wanted = {"inProcess": "in_process", "inReview": "in_review"}.get(query.get("status", ""), query.get("status"))
        found = [
            campaign for campaign in self.campaigns.all()
            if wanted in (None, self._status(campaign))
            and (not start or not end or (campaign.at is not None and start <= campaign.at <= end))
        ]  # fmt: skip
        offset = int(query.get("offset", 0))
        rows = [
            self._campaign(
                campaign,
                statistics=query.get("statistics"),
                html=query.get("excludeHtmlContent") != "true",
                listed=True,
            )
            for campaign in found[offset : offset + limit]
        ]
        return JSONResponse({"campaigns": rows, "count": len(found)} if rows else {"count": len(found)})

    async def read(self, request: Request, campaign: Campaign) -> Response:
        return JSONResponse(self._campaign(campaign, statistics=request.query_params.get("statistics"), html=True))

    async def update(self, request: Request, campaign: Campaign) -> Response:
        if campaign.status is Status.SENT:
            return refusal(400, "invalid_parameter", "Sent campaigns can not be updated")
        body = await body_of(request)
        if body.get("scheduledAt"):
            return self._scheduled(campaign, body["scheduledAt"]) or Response(status_code=204)
        return refusal(400, "missing_parameter", "There is nothing to update")

    async def send_now(self, _: Request, campaign: Campaign) -> Response:
        if campaign.status not in (Status.DRAFT, Status.CANCELLED):
            return refusal(400, "invalid_parameter", "Campaign is already sent or scheduled")
        if not campaign.lists or not campaign.subject:
            return refusal(400, "missing_parameter", "Campaign has no recipients or no subject")
        if self._plan["credits"] < mail_audience.RECIPIENTS:
            return refusal(402, "not_enough_credits", "You do not have enough credits to send this campaign")
        self.campaigns.send(campaign)
        return Response(status_code=204)

    async def set_status(self, request: Request, campaign: Campaign) -> Response:
        if (await body_of(request)).get("status") != "suspended" or campaign.status is not Status.SCHEDULED:
            return refusal(400, "invalid_parameter", "The status can not be changed in the campaign's current state")
        self.campaigns.unschedule(campaign, Status.CANCELLED)
        return Response(status_code=204)

    @property
    def _plan(self) -> dict[str, int]:
        return {**PLAN, **self.world.objects(Vendor.BREVO, "plan").get("plan", {})}

    def _limited(self, answer: Response) -> Response:
        left = WINDOW - (self.world.clock.now() - self._window_began)
        answer.headers["x-sib-ratelimit-limit"] = str(self._plan["calls"])
        answer.headers["x-sib-ratelimit-remaining"] = str(max(0, self._plan["calls"] - self._used))
        answer.headers["x-sib-ratelimit-reset"] = str(max(1, int(left.total_seconds())))
        return answer

    def _scheduled(self, campaign: Campaign, text: Any) -> Response | None:
        at = moment(text)
        if at is None or at <= self.world.clock.now():
            return refusal(400, "invalid_parameter", "scheduledAt must be a date-time in the future")
        if not campaign.lists:
            return refusal(400, "missing_parameter", "listIds are mandatory when scheduledAt is passed")
        self.campaigns.schedule(campaign, at)
        return None

    def _status(self, campaign: Campaign) -> str:
        if campaign.status is Status.SENT:
            return "queued" if self.campaigns.sending(campaign) else "sent"
        return {Status.SCHEDULED: "queued", Status.CANCELLED: "suspended"}.get(campaign.status, "draft")

    def _campaign(
        self, campaign: Campaign, *, statistics: str | None, html: bool, listed: bool = False
    ) -> dict[str, Any]:
        sent = campaign.status is Status.SENT and not self.campaigns.sending(campaign)
        row: dict[str, Any] = {
            "id": int(campaign.id), "name": campaign.name, "subject": campaign.subject, "type": "classic",
            "status": self._status(campaign), "previewText": campaign.preheader, "testSent": False, "header": "",
            "footer": "", "sender": {"name": campaign.from_name, "email": campaign.from_email, "id": "1"},
            "replyTo": campaign.reply_to, "toField": "", "htmlContent": campaign.html if html else "",
            "shareLink": f"http://sh1.sendinblue.com/{campaign.id}.html", "tag": "", "createdAt": to_milliseconds(campaign.created_at),
            "modifiedAt": to_milliseconds(campaign.created_at), "inlineImageActivation": False, "mirrorActive": True,
            "recipients": {"lists": [int(number) for number in campaign.lists], "exclusionLists": []},
            "statistics": {
                "campaignStats": [], "mirrorClick": 0, "remaining": 0, "linksStats": {}, "globalStats": self._numbers(None),
            },
        }  # fmt: skip
        if campaign.at is not None:
            row["scheduledAt"] = to_milliseconds(campaign.at)
        if sent and campaign.at is not None:
            row["sentDate"] = to_milliseconds(campaign.at)
        recent = campaign.at is not None and self.world.clock.now() - campaign.at < RECENT
        if statistics == "globalStats" and (recent or not listed):
            row["statistics"]["globalStats"] = self._numbers(campaign)
        return row

    def _numbers(self, campaign: Campaign | None) -> dict[str, Any]:
        numbers = self.campaigns.numbers(campaign) if campaign else mail_audience.NOTHING
        return {
            "uniqueClicks": numbers.unique_clicks, "clickers": numbers.clicks_total, "complaints": numbers.complaints,
            "delivered": numbers.delivered, "sent": numbers.sent, "softBounces": numbers.soft_bounces,
            "hardBounces": numbers.hard_bounces, "uniqueViews": numbers.opens, "trackableViews": numbers.human_opens,
            "unsubscriptions": numbers.unsubscribes, "viewed": numbers.opens_total, "deferred": 0, "returnBounce": 0,
            "appleMppOpens": numbers.automatic, "estimatedViews": 0,
            "opensRate": round(100 * numbers.opens / numbers.delivered, 2) if numbers.delivered else 0,
        }  # fmt: skip


def _not_found() -> Response:
    return refusal(404, "document_not_found", "Campaign ID does not exist")
