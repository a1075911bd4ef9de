"""SendGrid v3 in the sandbox: single sends, their statistics, and the account's statistics by day.

`connectors.sandbox.sendgrid_mail` has the other way of sending (mail/send with a batch). Every answer carries
`X-RateLimit-*`, whose reset is epoch seconds of the sandbox's clock.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.email.body import text_of
from connectors.sandbox.mail_audience import MailNumbers
from connectors.sandbox.mail_calls import Handler, body_of, moment, of_campaign, to_milliseconds
from connectors.sandbox.mail_campaigns import SENDER, Campaign, Campaigns, Status
from connectors.sandbox.sendgrid_mail import Batches, refusal
from connectors.sandbox.server import SandboxVendor
from connectors.sandbox.world import World
from models.domain.connection import Vendor

ALLOWANCE = 600
"""Calls a minute; SendGrid publishes no numbers, clients go by the headers."""
SENDER_ID = 4_711
MAX_STATS_PAGE = 50


def vendor(world: World) -> SandboxVendor:
    service = _SendGrid(world)
    of = of_campaign(service.campaigns, lambda: refusal(404, "single send not found", "id"))
    batches = Batches(world, service.campaigns)
    table: tuple[tuple[str, str, Handler], ...] = (
        ("GET", "/user/username", service.username),
        ("GET", "/verified_senders", service.senders),
        ("POST", "/marketing/singlesends", service.create),
        ("GET", "/marketing/singlesends", service.list_sends),
        ("POST", "/marketing/singlesends/search", service.search),
        ("GET", "/marketing/singlesends/{id}", of(service.read)),
        ("PATCH", "/marketing/singlesends/{id}", of(service.update)),
        ("DELETE", "/marketing/singlesends/{id}", of(service.remove)),
        ("PUT", "/marketing/singlesends/{id}/schedule", of(service.schedule)),
        ("DELETE", "/marketing/singlesends/{id}/schedule", of(service.unschedule)),
        ("GET", "/marketing/stats/singlesends", service.stats),
        ("GET", "/stats", service.days),
        ("POST", "/mail/batch", batches.create),
        ("GET", "/mail/batch/{id}", batches.read),
        ("POST", "/mail/send", batches.send),
        ("POST", "/user/scheduled_sends", batches.stop),
        ("GET", "/messages", batches.messages),
    )
    return SandboxVendor(
        Vendor.SENDGRID,
        [Route(f"/v3{path}", service.guarded(handler), methods=[method]) for method, path, handler in table],
        throttled=service.throttled,
        expired=lambda: refusal(401, "authorization required"),
    )


class _SendGrid:
    def __init__(self, world: World) -> None:
        self.world = world
        self.campaigns = Campaigns(world, Vendor.SENDGRID)
        self._minute = 0
        self._used = 0

    def guarded(self, handler: Handler) -> Handler:
        """The handler behind the key check and the allowance of a minute, with the limit headers on its answer."""

        async def answer(request: Request) -> Response:
            kind, _, key = request.headers.get("authorization", "").partition(" ")
            if kind.lower() != "bearer" or not self.campaigns.accepts(key):
                return refusal(401, "authorization required")
            minute = int(self.world.clock.now().timestamp()) // 60
            if minute != self._minute:
                self._minute, self._used = minute, 0
            if self._used >= self._allowance:
                return self.throttled()
            self._used += 1
            return self._limited(await handler(request))

        return answer

    def throttled(self) -> Response:
        refused = self._limited(refusal(429, "too many requests"))
        refused.headers["X-RateLimit-Remaining"] = "0"
        return refused

    async def username(self, _: Request) -> Response:
        account = self.campaigns.account
        return JSONResponse({"username": account.handle, "user_id": int(account.id)})

    async def senders(self, _: Request) -> Response:
        return JSONResponse({"results": [{
            "id": SENDER_ID, "nickname": "news", "from_email": SENDER[1], "from_name": SENDER[0], "reply_to": SENDER[1],
            "verified": True, "locked": False,
        }]})  # fmt: skip

    async def create(self, request: Request) -> Response:
        body = await body_of(request)
        name = str(body.get("name") or "")
        if not 1 <= len(name) <= 100:
            return refusal(400, "name must have 1 to 100 characters", "name")
        campaign = self.campaigns.create(name)
        wrong = self._take(campaign, body)
        if wrong is not None:
            self.campaigns.discard(campaign)
            return wrong
        return JSONResponse(self._full(campaign), 201)

    async def update(self, request: Request, campaign: Campaign) -> Response:
        if campaign.status is not Status.DRAFT:
            return refusal(400, "only drafts can be updated", "status")
        return self._take(campaign, await body_of(request)) or JSONResponse(self._full(campaign), 202)

    async def remove(self, _: Request, campaign: Campaign) -> Response:
        self.campaigns.discard(campaign)
        return Response(status_code=204)

    async def list_sends(self, request: Request) -> Response:
        return self._listed(request, self.campaigns.all())

    async def search(self, request: Request) -> Response:
        body = await body_of(request)
        name, states = str(body.get("name") or ""), body.get("status") or []
        found = [
            campaign for campaign in self.campaigns.all()
            if name in campaign.name and (not states or self._status(campaign) in states)
        ]  # fmt: skip
        return self._listed(request, found)

    async def read(self, _: Request, campaign: Campaign) -> Response:
        return JSONResponse(self._full(campaign))

    async def schedule(self, request: Request, campaign: Campaign) -> Response:
        if campaign.status is not Status.DRAFT:
            return refusal(400, "the single send is already scheduled or sent", "status")
        config = campaign.extra
        missing = [
            name for name, given in (
                ("send_to", bool(campaign.lists)), ("email_config.subject", bool(campaign.subject)),
                ("email_config.html_content", bool(campaign.html)), ("email_config.sender_id", bool(config.get("sender_id"))),
                ("email_config.suppression_group_id", bool(config.get("suppression_group_id") or config.get("custom_unsubscribe_url"))),
            ) if not given
        ]  # fmt: skip
        if missing:
            return refusal(400, f"{missing[0]} is required to schedule a single send", missing[0])
        wanted = (await body_of(request)).get("send_at")
        now = self.world.clock.now()
        at = now if wanted == "now" else moment(wanted)
        if at is None or at < now:
            return refusal(400, "send_at must be in the future or the string now", "send_at")
        if wanted == "now":
            self.campaigns.send(campaign)
        else:
            self.campaigns.schedule(campaign, at)
        return JSONResponse({"send_at": to_milliseconds(at), "status": "scheduled"}, 201)

    async def unschedule(self, _: Request, campaign: Campaign) -> Response:
        if campaign.status is not Status.SCHEDULED or campaign.at is None:
            return refusal(404, "the single send is not scheduled", "id")
        at = campaign.at
        self.campaigns.unschedule(campaign)
        return JSONResponse({"send_at": to_milliseconds(at), "status": "draft"})

    async def stats(self, request: Request) -> Response:
        wanted = [part for part in request.query_params.get("singlesend_ids", "").split(",") if part]
        if len(wanted) > 25:
            return refusal(400, "singlesend_ids must have at most 25 items", "singlesend_ids")
        size = min(int(request.query_params.get("page_size", 25)), MAX_STATS_PAGE)
        sent = [campaign for campaign in self.campaigns.sent() if not wanted or campaign.id in wanted]
        offset = int(request.query_params.get("page_token", 0))
        rows = [
            {
                "id": campaign.id, "ab_variation": "all", "ab_phase": "all", "aggregation": "total",
                "stats": _metrics(self.campaigns.numbers(campaign)),
            }
            for campaign in sent[offset : offset + size]
        ]  # fmt: skip
        metadata: dict[str, Any] = {"self": str(request.url), "count": len(sent)}
        if offset + size < len(sent):
            query = {**request.query_params, "page_token": offset + size}
            metadata["next"] = f"https://api.sendgrid.com/v3/marketing/stats/singlesends?{urlencode(query)}"
        return JSONResponse({"results": rows, "_metadata": metadata})

    async def days(self, request: Request) -> Response:
        start, end = _date(request.query_params.get("start_date")), _date(request.query_params.get("end_date"))
        if start is None:
            return refusal(400, "start_date is required", "start_date")
        last = min(end or self.world.clock.now(), self.world.clock.now())
        found = []
        day = start
        while day <= last:
            numbers = self.campaigns.day(day)
            more = {"blocks": 0, "deferred": 0, "processed": numbers.sent, "unsubscribe_drops": 0}
            found.append({"date": f"{day:%Y-%m-%d}", "stats": [{"metrics": {**_metrics(numbers), **more}}]})
            day += timedelta(days=1)
        return JSONResponse(found)

    @property
    def _allowance(self) -> int:
        return int(self.world.objects(Vendor.SENDGRID, "plan").get("plan", {}).get("calls", ALLOWANCE))

    def _limited(self, answer: Response) -> Response:
        answer.headers["X-RateLimit-Limit"] = str(self._allowance)
        answer.headers["X-RateLimit-Remaining"] = str(max(0, self._allowance - self._used))
        answer.headers["X-RateLimit-Reset"] = str((int(self.world.clock.now().timestamp()) // 60 + 1) * 60)
        return answer

    def _take(self, campaign: Campaign, body: dict[str, Any]) -> Response | None:
        """Takes what was given into a draft; the vendor's refusal when it cannot be."""
        config, lists = body.get("email_config") or {}, (body.get("send_to") or {}).get("list_ids") or []
        if any(item != self.campaigns.list_id for item in lists):
            return refusal(400, "list_ids has an unknown list", "send_to.list_ids")
        if config.get("sender_id") not in (None, SENDER_ID):
            return refusal(400, "sender_id is not a verified sender", "email_config.sender_id")
        campaign.name = str(body.get("name") or campaign.name)
        campaign.lists = tuple(lists) or campaign.lists
        campaign.subject = str(config.get("subject", campaign.subject))
        campaign.html = str(config.get("html_content", campaign.html))
        plain = config.get("plain_content")
        campaign.text = (
            str(plain) if plain and config.get("generate_plain_content") is False else text_of(campaign.html)
        )
        campaign.extra.update({
            name: config[name] for name in ("sender_id", "suppression_group_id", "custom_unsubscribe_url") if config.get(name)
        })  # fmt: skip
        campaign.extra["categories"] = list(body.get("categories", campaign.extra.get("categories", [])))
        return None

    def _status(self, campaign: Campaign) -> str:
        if campaign.status is Status.SENT:
            return "scheduled" if self.campaigns.sending(campaign) else "triggered"
        return "scheduled" if campaign.status is Status.SCHEDULED else "draft"

    def _full(self, campaign: Campaign) -> dict[str, Any]:
        return {
            **self._dated(campaign),
            "email_config": {
                "subject": campaign.subject, "html_content": campaign.html, "plain_content": campaign.text,
                "generate_plain_content": False, "editor": "code",
                **{name: value for name, value in campaign.extra.items() if name != "categories"},
            },
            "send_to": {"list_ids": list(campaign.lists)},
        }  # fmt: skip

    def _dated(self, campaign: Campaign) -> dict[str, Any]:
        row = {
            "id": campaign.id, "name": campaign.name, "status": self._status(campaign),
            "categories": campaign.extra.get("categories", []), "created_at": to_milliseconds(campaign.created_at),
            "updated_at": to_milliseconds(campaign.at or campaign.created_at),
        }  # fmt: skip
        return {**row, "send_at": to_milliseconds(campaign.at)} if campaign.at else row

    def _listed(self, request: Request, found: list[Campaign]) -> Response:
        size = min(int(request.query_params.get("page_size", 10)), 100)
        offset = int(request.query_params.get("page_token", 0))
        rows = [
            {**self._dated(campaign), "abtest": None, "is_abtest": False} for campaign in found[offset : offset + size]
        ]
        metadata: dict[str, Any] = {"self": str(request.url), "count": len(found)}
        if offset + size < len(found):
            metadata["next"] = f"{request.url.replace(query='')}?page_size={size}&page_token={offset + size}"
        return JSONResponse({"result": rows, "_metadata": metadata})


def _metrics(numbers: MailNumbers) -> dict[str, int]:
    return {
        "bounce_drops": 0, "bounces": numbers.hard_bounces + numbers.soft_bounces, "clicks": numbers.clicks_total,
        "delivered": numbers.delivered, "invalid_emails": 0, "opens": numbers.opens_total, "requests": numbers.sent,
        "spam_report_drops": 0, "spam_reports": numbers.complaints, "unique_clicks": numbers.unique_clicks,
        "unique_opens": numbers.opens, "unsubscribes": numbers.unsubscribes,
    }  # fmt: skip


def _date(text: str | None) -> datetime | None:
    try:
        return datetime.strptime(text or "", "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
