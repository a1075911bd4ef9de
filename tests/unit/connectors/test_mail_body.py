"""A mail's HTML made from text reads as that text again, and nothing of the text becomes markup."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.email.body import html_of, text_of
from connectors.email.mailing import campaign_name, mailing_of, split_list, without_addresses
from models.domain.connection import Vendor
from models.domain.publishing import OutgoingPost

LINE = st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" "), min_size=1, max_size=40)
TEXTS = st.lists(LINE, min_size=1, max_size=5).map("\n".join)


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_text_survives_html(text: str) -> None:
    html = html_of(text, preheader="seen in the inbox only", unsubscribe="*|UNSUB|*")
    assert text_of(html).split() == text.split()


def test_markup_in_text_stays_text_and_addresses_become_links() -> None:
    html = html_of('<script>alert("x")</script> see https://a.example/?a=1&b=2.')
    assert "<script>" not in html
    assert 'href="https://a.example/?a=1&amp;b=2"' in html
    assert text_of(html) == '<script>alert("x")</script> see https://a.example/?a=1&b=2.'


def test_what_no_reader_sees_is_left_out() -> None:
    html = (
        "<head><title>t</title><style>p{}</style></head><p>One<br>two</p>"
        '<div style="display: none">hidden<p>too</p></div><p><a href="https://x.example/unsubscribe">Leave</a></p>'
    )
    assert text_of(html) == "One\ntwo"


def test_link_ends_a_text_that_lacks_it() -> None:
    link = "https://sample-brand.example/repair"
    post = OutgoingPost("k" * 64, Vendor.SMTP, "a", "Repair day.", "Subject", link)
    assert mailing_of(post, unsubscribe=None).text == f"Repair day.\n\n{link}"
    again = OutgoingPost("k" * 64, Vendor.SMTP, "a", f"See {link} today.", "Subject", link)
    assert mailing_of(again, unsubscribe=None).text == again.text


def test_campaign_name_keeps_the_key_however_long_the_subject() -> None:
    post = OutgoingPost("0123456789abcdef" * 4, Vendor.SENDGRID, "a", "t", "s" * 300)
    assert len(campaign_name(post)) == 100
    assert re.search(r"\[0123456789abcdef\]$", campaign_name(post))


def test_lists_and_messages() -> None:
    assert split_list(" a, b;a\nc ,") == ("a", "b", "c")
    assert without_addresses("ada@example.org &amp; <bob@example.co.uk> are bad.") == "[address] & <[address]> are bad"
