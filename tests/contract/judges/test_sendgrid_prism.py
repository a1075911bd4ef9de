"""Every SendGrid call of the connector, and every answer of the sandbox, held to SendGrid's own OpenAPI documents by prism.

One proxy per document; a transport sends each call to the proxy whose document has its path. Calls to interfaces that no
stored document describes go straight to the sandbox and are listed in `UNDESCRIBED`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest

from connectors.credentials import CredentialHolder
from connectors.email.sendgrid.connector import SendGridConnector, connector
from connectors.endpoints import endpoints
from connectors.http import Effect
from connectors.sandbox.server import RunningSandbox, running_sandbox
from models.domain.connection import Vendor
from models.domain.publishing import Presence
from models.errors import Rejected
from models.ports import Stream
from tests.contract.judges.prism import SPECS, Prism, prism_proxy
from tests.contract.platforms.kit import MemoryPhases
from tests.contract.platforms.mail_kit import mail_account, newsletter

pytestmark = pytest.mark.judge
V = Vendor.SENDGRID
DOCUMENTS = {
    r"^/v3/marketing/singlesends": "tsg_mc_singlesends_v3.json",
    r"^/v3/marketing/stats": "tsg_mc_stats_v3.json",
    r"^/v3/mail/": "tsg_mail_v3.json",
    r"^/v3/stats": "tsg_stats_v3.json",
}
UNDESCRIBED = {"GET /v3/verified_senders", "GET /v3/messages", "POST /v3/user/scheduled_sends"}
EXPLAINED = {
    r"^request\.body\.send_at .* must match format \"date-time\"$": (
        "to send at once send_at is the string now: the document says so in words and types the field date-time"
    ),
    r"^response\.body\.results\.\d+\.ab_variation .* must match format \"uuid\"$": (
        "without grouping the value is all: the document says so in words and types the field uuid"
    ),
}
"""The violations that are the document contradicting its own words, with why."""


@dataclass
class Judged(httpx.BaseTransport):
    """Sends each call to the proxy of its document, or to the sandbox where there is none."""

    sandbox: str
    proxies: dict[str, Prism]
    undescribed: set[str] = field(default_factory=set)
    _wire: httpx.HTTPTransport = field(default_factory=httpx.HTTPTransport)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/sendgrid")
        base = next((proxy.url for pattern, proxy in self.proxies.items() if re.match(pattern, path)), None)
        if base is None:
            self.undescribed.add(f"{request.method} {path}")
            return self._wire.handle_request(request)
        target = httpx.URL(base).copy_with(raw_path=request.url.raw_path.removeprefix(b"/sendgrid"))
        headers = {**request.headers, "host": f"{target.host}:{target.port}"}
        judged = httpx.Request(request.method, target, headers=headers, stream=request.stream)
        return self._wire.handle_request(judged)


@pytest.fixture(scope="module")
def court() -> Iterator[tuple[RunningSandbox, SendGridConnector, Judged]]:
    with ExitStack() as stack:
        sandbox = stack.enter_context(running_sandbox(vendors=[V]))
        proxies = {
            pattern: stack.enter_context(
                prism_proxy(SPECS / "sendgrid" / document, f"{sandbox.url}/sendgrid", errors=False)
            )
            for pattern, document in DOCUMENTS.items()
        }
        judged = Judged(sandbox.url, proxies)
        account = mail_account(sandbox, V)
        made = connector(
            account.account_id, account.name, CredentialHolder(account.credential),
            endpoints(V, sandbox_url=sandbox.url), transport=judged, sleep=lambda _seconds: None,
            timeout=httpx.Timeout(20.0),
        )  # fmt: skip
        yield sandbox, made, judged


def test_every_call_and_answer_follows_the_documents(
    court: tuple[RunningSandbox, SendGridConnector, Judged],
) -> None:
    sandbox, made, judged = court
    began = sandbox.world.clock.now()

    post, phases = newsletter(V, "judged"), MemoryPhases()
    done = made.publish(post, phases)
    assert made.find_published(post, MemoryPhases(), since=began - timedelta(minutes=5)).presence is Presence.FOUND

    later, kept = newsletter(V, "judged-later"), MemoryPhases()
    scheduled = made.schedule(later, kept, (began + timedelta(days=9)).replace(microsecond=0))
    made.cancel(scheduled.campaign_id)
    with pytest.raises(Rejected, match="no campaign"):
        made.cancel("11111111-1111-4111-8111-111111111111")

    message = newsletter(V, "judged-mail", options={"list_id": None, "recipients": "ada@example.org, bob@example.org"})
    sent = MemoryPhases()
    made.publish(message, sent)
    made.find_published(message, sent, since=began)
    waiting = newsletter(
        V, "judged-wait",
        options={
            "list_id": None, "recipients": "ada@example.org", "suppression_group_id": None,
            "custom_unsubscribe_url": "https://sample-brand.example/leave",
        },
    )  # fmt: skip
    made.cancel(made.schedule(waiting, MemoryPhases(), began + timedelta(hours=9)).campaign_id)

    now = sandbox.world.advance(timedelta(days=1))
    records = list(made.collect(Stream.POSTS, since=now - timedelta(days=400), until=now))
    assert done.post_id in {record.entity_id for record in records}
    assert list(made.collect(Stream.ACCOUNT, since=now - timedelta(days=7), until=now))

    calls = {name: proxy.calls for name, proxy in judged.proxies.items()}
    assert all(calls.values()), "every document judged something"
    assert judged.undescribed == UNDESCRIBED
    violations = [violation for proxy in judged.proxies.values() for violation in proxy.violations]
    assert all(any(re.search(pattern, v.message) for v in violations) for pattern in EXPLAINED), "none is out of date"
    unexplained = [v for v in violations if not any(re.search(pattern, v.message) for pattern in EXPLAINED)]
    assert unexplained == []


def test_the_judge_sees_what_is_wrong(court: tuple[RunningSandbox, SendGridConnector, Judged]) -> None:
    _, made, judged = court
    proxy = judged.proxies[r"^/v3/marketing/singlesends"]
    before = len(proxy.violations)
    with pytest.raises(Rejected):
        made.client.call("PUT", f"{made._sends}/x/schedule", effect=Effect.READ, json={"send_at": 5})
    assert len(proxy.violations) > before
