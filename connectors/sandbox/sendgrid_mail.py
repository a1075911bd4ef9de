"""SendGrid's mail/send in the sandbox: batches, their later sending and stopping, and the Email Activity of what went out.

Email Activity is an add-on: `world.objects(SENDGRID, "plan")["plan"] = {"activity": 0}` takes it away.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connectors.sandbox.mail_campaigns import SENDER, Campaigns
from connectors.sandbox.world import World
from models.domain.connection import Vendor

MAX_PERSONALIZATIONS = 1_000
FARTHEST = timedelta(hours=72)


def refusal(status: int, message: str, field: str | None = None) -> Response:
    """An error as SendGrid says it."""
    return JSONResponse({"errors": [{"message": message, "field": field}]}, status)


class Batches:
    """Messages by batch, kept over a restart once they are sent or scheduled."""

    def __init__(self, world: World, campaigns: Campaigns) -> None:
        self.world = world
        self._account = campaigns.account
        self._batches = world.objects(Vendor.SENDGRID, "batch")

    async def create(self, _: Request) -> Response:
        batch_id = secrets.token_urlsafe(24)
        self._batches[batch_id] = {"status": "made", "mails": []}
        return JSONResponse({"batch_id": batch_id}, 201)

    async def read(self, request: Request) -> Response:
        batch_id = request.path_params["id"]
        return JSONResponse({"batch_id": batch_id}) if batch_id in self._batches else refusal(400, "invalid batch id")

    async def send(self, request: Request) -> Response:
        try:
            body = await request.json()
        except ValueError:
            return refusal(400, "Bad Request")
        people, content = body.get("personalizations") or [], body.get("content") or []
        if not 1 <= len(people) <= MAX_PERSONALIZATIONS:
            return refusal(400, "The personalizations field is required and has 1 to 1000 objects.", "personalizations")
        if not content or not all(part.get("value") for part in content):
            return refusal(
                400, "The content value must be a string at least one character in length.", "content.0.value"
            )
        if not str((body.get("from") or {}).get("email", "")).endswith("@" + SENDER[1].partition("@")[2]):
            return refusal(403, "The from address does not match a verified Sender Identity.", "from")
        batch_id = body.get("batch_id")
        if batch_id is not None and batch_id not in self._batches:
            return refusal(400, "The batch_id is invalid.", "batch_id")
        now = self.world.clock.now()
        at = datetime.fromtimestamp(body["send_at"], UTC) if body.get("send_at") else now
        if at > now + FARTHEST:
            return refusal(400, "Scheduling more than 72 hours in advance is forbidden.", "send_at")
        message = secrets.token_urlsafe(16)
        mail = {
            "id": message, "at": at.isoformat(), "subject": str(body.get("subject") or ""), "text": str(content[0]["value"]),
            "from": body["from"]["email"], "to": [person["to"][0]["email"] for person in people],
            "categories": list(body.get("categories") or []), "out": False,
        }  # fmt: skip
        batch = self._batches.get(batch_id or message, {"status": "made", "mails": []})
        kept = {"status": "scheduled" if at > now else "sent", "mails": [*batch["mails"], mail]}
        self.world.keep(Vendor.SENDGRID, "batch", batch_id or message, kept)
        if at > now:
            self._record("schedule", mail)
        self._send_due()
        return Response(status_code=202, headers={"X-Message-Id": message})

    async def stop(self, request: Request) -> Response:
        self._send_due()
        body = await request.json()
        batch = self._batches.get(str(body.get("batch_id")))
        if batch is None or body.get("status") not in ("cancel", "pause"):
            return refusal(400, "invalid batch id or status", "batch_id")
        waiting = [mail for mail in batch["mails"] if not mail["out"]]
        for mail in waiting:
            self._record("cancel", mail)
        mails = [mail for mail in batch["mails"] if mail["out"]]
        self.world.keep(Vendor.SENDGRID, "batch", body["batch_id"], {"status": body["status"], "mails": mails})
        return JSONResponse({"batch_id": body["batch_id"], "status": body["status"]}, 201)

    async def messages(self, request: Request) -> Response:
        """Email Activity: `query=(Contains(categories,"name"))` is the one query understood here."""
        if not self.world.objects(Vendor.SENDGRID, "plan").get("plan", {}).get("activity", 1):
            return refusal(403, "access forbidden")
        self._send_due()
        query = request.query_params.get("query", "")
        if "categories" not in query:
            return refusal(400, "invalid syntax: 'bad_field' is not a known field")
        wanted = query.split('"')[1]
        found = [
            {
                "from_email": mail["from"], "msg_id": f"{mail['id']}.{number}", "subject": mail["subject"], "to_email": to,
                "status": "delivered", "opens_count": 0, "clicks_count": 0, "last_event_time": mail["at"],
            }
            for batch in self._batches.values() for mail in batch["mails"]
            if mail["out"] and wanted in mail["categories"]
            for number, to in enumerate(mail["to"])
        ]  # fmt: skip
        return JSONResponse({"messages": found[: int(request.query_params.get("limit", 10))]})

    def _send_due(self) -> None:
        now = self.world.clock.now()
        for batch_id, batch in list(self._batches.items()):
            due = [mail for mail in batch["mails"] if not mail["out"] and datetime.fromisoformat(mail["at"]) <= now]
            for mail in due:
                mail["out"] = True
                self._record("send", mail)
            if due:
                self.world.keep(Vendor.SENDGRID, "batch", batch_id, {**batch, "status": "sent"})

    def _record(self, action: str, mail: dict[str, Any]) -> None:
        self.world.record(
            Vendor.SENDGRID, self._account.id, action, mail["id"], f"{mail['subject']}\n{mail['text']}",
            recipients=str(len(mail["to"])),
        )  # fmt: skip
