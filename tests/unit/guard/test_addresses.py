"""Which addresses are public: every line of the shared list, and further spellings of private hosts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.addresses import is_allowed, is_public, parse_address
from models.errors import ImportRefused


def test_every_line_of_the_shared_list(shared_data: Path) -> None:
    lines = (shared_data / "ssrf" / "urls.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    wrong = [row for row in rows if is_allowed(row["url"]) is not (row["expected"] == "allow")]
    assert wrong == []
    assert len(rows) == 254


@pytest.mark.parametrize(
    "url",
    [
        "http://0x7f.1/", "http://0x7f000001/", "http://0177.0.0.1/", "http://017700000001/", "http://127.0.0.1./",
        "http://%31%32%37.0.0.1/", "http://127%2e0.0.1/", "http://１２７．０．０．１/", "http://127。0。0。1/",
        "http://local\u00adhost/", "http://LOCALHOST./", "http://a.localhost/", "http://metadata.google.internal/",
        "http://printer.local/", "http://router.home.arpa/", "http://134744072/", "http://8.8.8/", "http://8.8.8.256/",
        "http://[fe80::1%25eth0]/", "http://[fec0::1]/", "http://[fd00:ec2::254]/", "http://[2002:7f00:1::]/",
        "http://[2002:808:808::]/", "http://[5f00::1]/", "http://[::ffff:a9fe:a9fe]/", "http://[::1]/", "http://[1]/",
        "http://[::ffff:0:a9fe:a9fe]:80/", "http://168.63.129.16/metadata", "http://100.100.100.200/", "http://[::1/",
        "http://255.255.255.255/", "http://192.0.0.192/", "http://a.example:0/", "http://a.example:65536/",
        "http://a.example:+80/", "http://a.example:８０/", "http://a b.example/", "http://-a.example/", "http://a..b/",
        "http://a\t.example/", "http://a.example\n.b/", "http://1.1.1.1 &@2.2.2.2# @3.3.3.3/", "javascript:alert(1)",
        "data:text/html,x", "gopher://a.example/", "", " ", "http://" + "a" * 64 + ".example/",
        "http://a.example/" + "a" * 9_000,
    ],
)  # fmt: skip
def test_further_spellings_that_are_refused(url: str) -> None:
    assert not is_allowed(url)


@pytest.mark.parametrize(
    "url",
    ["HTTP://A.Example/", "https://a.example:443/x", "http://a_b.example/", "https://xn--fsqu00a.xn--0zwm56d/",
     "http://8.8.8.8:80/?next=http://127.0.0.1/", "http://[2606:4700::1111]/", "http://a.example:/", "a.example?u=x://y"],
)  # fmt: skip
def test_further_spellings_that_are_public(url: str) -> None:
    assert is_allowed(url)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
     "224.0.0.1", "240.0.0.1", "198.18.0.1", "192.88.99.1", "::1", "::", "fe80::1", "fd00::1", "fec0::1", "ff02::1",
     "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "64:ff9b:1:1::1", "2001::1",
     "2001:db8::1", "2002:7f00:1::", "3fff::1", "100::1", "fe80::1%eth0", "2606:4700::1%eth0", "localhost", ""],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(address)


def test_an_address_has_one_spelling() -> None:
    found = parse_address("HTTPS://ⓔⓧⓐⓜⓟⓛⓔ.ⓒⓞⓜ.:443?q=1#f")
    assert (found.scheme, found.host, found.port, str(found)) == (
        "https", "example.com", 443, "https://example.com/?q=1#f",
    )  # fmt: skip
    assert str(parse_address("http://[2001:4860:0:0::8888]:8080/a")) == "http://[2001:4860::8888]:8080/a"
    assert parse_address("http://✪df.ws/123").host == "xn--df-oiy.ws"


@pytest.mark.parametrize("url", ["ftp://a.example/", "a.example/feed", "http://user:secret@a.example/", "http://"])
def test_a_refusal_is_one_sentence_without_the_password(url: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        parse_address(url)
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)
