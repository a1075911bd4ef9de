"""The official clients of Mailchimp, Brevo and SendGrid read the sandbox and send through it.

They know nothing of this project: what they accept has the shape that the vendors' own code expects.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from connectors.sandbox.mail_audience import RECIPIENTS
from connectors.sandbox.mail_campaigns import KEYS, LISTS
from connectors.sandbox.server import RunningSandbox, running_sandbox
from models.domain.connection import Vendor
from tests.contract.platforms.kit import MemoryPhases
from tests.contract.platforms.mail_kit import mail_connector, newsletter, posts_of, sends

pytestmark = [
    pytest.mark.judge,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20"),
]
SENDER = "hello@sample-brand.example"
HTML = "<html><body><p>Sent by the vendor's own client.</p></body></html>"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(vendors=[Vendor.MAILCHIMP, Vendor.BREVO, Vendor.SENDGRID]) as running:
        yield running


def test_mailchimp_client_sends_and_reads(sandbox: RunningSandbox) -> None:
    marketing = pytest.importorskip("mailchimp_marketing")
    from mailchimp_marketing.api_client import ApiClientError

    client = _mailchimp(marketing, sandbox, KEYS[Vendor.MAILCHIMP])
    assert client.ping.get()["health_status"] == "Everything's Chimpy!"
    made = client.campaigns.create({
        "type": "regular", "recipients": {"list_id": LISTS[Vendor.MAILCHIMP]},
        "settings": {"subject_line": "By the SDK", "title": "By the SDK", "from_name": "Sample Brand", "reply_to": SENDER},
    })  # fmt: skip
    with pytest.raises(ApiClientError) as unready:
        client.campaigns.send(made["id"])
    assert unready.value.status_code == 400
    client.campaigns.set_content(made["id"], {"html": HTML})
    assert client.campaigns.get_send_checklist(made["id"])["is_ready"] is True
    assert client.campaigns.send(made["id"]).status_code == 204
    with pytest.raises(ApiClientError):
        client.campaigns.send(made["id"])
    assert sends(sandbox, Vendor.MAILCHIMP, made["id"]) == 1

    sandbox.world.advance(timedelta(days=1))
    report = client.reports.get_campaign_report(made["id"])
    assert report["emails_sent"] == RECIPIENTS
    assert report["opens"]["unique_opens"] > report["opens"]["proxy_excluded_unique_opens"] > 0
    listed = client.reports.get_all_campaign_reports(count=1000)
    assert made["id"] in {row["id"] for row in listed["reports"]}
    ours = mail_connector(sandbox, Vendor.MAILCHIMP).publish(newsletter(Vendor.MAILCHIMP, "ours"), MemoryPhases())
    assert client.campaigns.get(ours.post_id)["settings"]["subject_line"] == "Free zipper repair (ours)"
    with pytest.raises(ApiClientError) as wrong:
        _mailchimp(marketing, sandbox, "x" * 32 + "-us1").ping.get()
    assert wrong.value.status_code == 401


def test_brevo_client_sends_and_reads(sandbox: RunningSandbox) -> None:
    brevo = pytest.importorskip("brevo")
    from brevo.core.api_error import ApiError

    client = brevo.Brevo(api_key=KEYS[Vendor.BREVO], base_url=f"{sandbox.url}/brevo/v3", timeout=5.0)
    assert client.account.get_account().company_name == "Sample Brand (synthetic)"
    campaigns = client.email_campaigns
    made = campaigns.create_email_campaign(
        name="By the SDK", subject="By the SDK", html_content=HTML,
        sender={"name": "Sample Brand", "email": SENDER}, recipients={"listIds": [int(LISTS[Vendor.BREVO])]},
    )  # fmt: skip
    assert campaigns.get_email_campaign(made.id).status == "draft"
    campaigns.send_email_campaign_now(made.id)
    assert campaigns.get_email_campaign(made.id).status == "queued"
    with pytest.raises(ApiError) as again:
        campaigns.send_email_campaign_now(made.id, request_options={"max_retries": 0})
    assert again.value.status_code == 400
    assert sends(sandbox, Vendor.BREVO, str(made.id)) == 1

    sandbox.world.advance(timedelta(days=1))
    read = campaigns.get_email_campaign(made.id, statistics="globalStats")
    numbers = read.statistics.global_stats
    assert read.status == "sent"
    assert (numbers["sent"] if isinstance(numbers, dict) else numbers.sent) == RECIPIENTS
    listed = campaigns.get_email_campaigns(status="sent", statistics="globalStats", limit=100)
    assert made.id in {row.id for row in listed.campaigns}
    ours = mail_connector(sandbox, Vendor.BREVO).publish(newsletter(Vendor.BREVO, "ours"), MemoryPhases())
    assert campaigns.get_email_campaign(int(ours.post_id)).subject == "Free zipper repair (ours)"
    with pytest.raises(ApiError) as missing:
        campaigns.get_email_campaign(999_999)
    assert missing.value.status_code == 404


def test_sendgrid_client_sends_and_reads(sandbox: RunningSandbox) -> None:
    sendgrid = pytest.importorskip("sendgrid")
    from python_http_client.exceptions import BadRequestsError, UnauthorizedError
    from sendgrid.helpers.mail import Mail

    host = f"{sandbox.url}/sendgrid"
    client = sendgrid.SendGridAPIClient(KEYS[Vendor.SENDGRID], host=host)
    before = sends(sandbox, Vendor.SENDGRID)
    told = client.send(Mail(SENDER, ["ada@example.org"], "By the SDK", "Sent by the vendor's own client."))
    assert (told.status_code, told.body) == (202, b"")
    assert told.headers["X-Message-Id"]
    with pytest.raises(BadRequestsError):
        client.client.marketing.singlesends.post(request_body={"name": "x" * 101})
    made = client.client.marketing.singlesends.post(request_body={
        "name": "By the SDK", "send_to": {"list_ids": [LISTS[Vendor.SENDGRID]]},
        "email_config": {"subject": "By the SDK", "html_content": HTML, "sender_id": 4711, "suppression_group_id": 14},
    })  # fmt: skip
    send_id = made.to_dict["id"]
    planned = client.client.marketing.singlesends._(send_id).schedule.put(request_body={"send_at": "now"})
    assert (planned.status_code, planned.to_dict["status"]) == (201, "scheduled")
    assert sends(sandbox, Vendor.SENDGRID) == before + 2

    now = sandbox.world.advance(timedelta(days=1))
    stats = client.client.marketing.stats.singlesends.get(query_params={"singlesend_ids": send_id})
    assert stats.to_dict["results"][0]["stats"]["requests"] == RECIPIENTS
    days = client.client.stats.get(
        query_params={"start_date": f"{now - timedelta(days=2):%Y-%m-%d}", "aggregated_by": "day"}
    )
    assert sum(day["stats"][0]["metrics"]["requests"] for day in json.loads(days.body)) == RECIPIENTS
    contents, _ = posts_of(mail_connector(sandbox, Vendor.SENDGRID), now)
    assert contents[send_id].title == "By the SDK"
    with pytest.raises(UnauthorizedError):
        sendgrid.SendGridAPIClient("SG.x.y", host=host).client.stats.get(query_params={"start_date": "2026-01-01"})


def _mailchimp(marketing: Any, sandbox: RunningSandbox, key: str) -> Any:
    client = marketing.Client({"api_key": key, "server": "us1", "timeout": 5})
    client.api_client.host = f"{sandbox.url}/mailchimp/3.0"
    client.api_client.server = ""
    return client
