"""X's own length rule, npm `twitter-text`, judges ours on generated strings: one node process, one JSON line a string."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.generation.x_length import weighted_length

pytestmark = pytest.mark.judge

PACKAGE = Path(__file__).resolve().parents[3] / ".tools" / "node" / "node_modules" / "twitter-text"
COUNT = 12_000
SEED = 20_261_122
PROGRAM = """
const loaded = require(process.argv[1]);
const { parseTweet } = loaded.default || loaded;
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const text = JSON.parse(line);
  console.log(text === '' ? 0 : parseTweet(text).weightedLength);
});
"""

EMOJI = (
    "👨‍👩‍👧‍👦", "👩🏽‍🚀", "🏳️‍🌈", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "🇩🇪", "🇦🇹", "🇩", "👍🏿", "👍", "1️⃣", "#️⃣", "*⃣", "☺️", "☺", "❤️", "❤",
    "❤️‍🔥", "©", "©️", "™", "™️", "↔️", "⌚", "🀄", "🅰️", "🈁", "㊗️", "🫠", "🫱🏻‍🫲🏿", "👁️‍🗨️", "🧑‍🤝‍🧑", "👯‍♂️", "⛹🏻‍♀️", "😶‍🌫️", "🐻‍❄️",
    "🪿", "🦄", "🤌🏼", "🕵️‍♀️", "🏌️", "\u200d", "\ufe0f", "🏽", "👨‍", "👩‍❤️‍💋‍👨",
)  # fmt: skip
SCRIPTS = (
    "plain words", "Grüße aus Wien", "Ελλάδα", "Привет мир", "日本語のテキスト", "한국어", "中文字符", "ภาษาไทย", "हिन्दी", "العربية", "עברית",
    "ﬁ", "Ａｂｃ", "ｶﾀｶﾅ", "𝒜𝓑", "𠮷", "e\u0301", "n\u0303o", "A\u030a", "o\u0308\u0304", "ẛ\u0323", "한", "é", "\u200b", "\u2060", "\u00a0", "“quote”",
    "—", "…", "‘s", "′", "″", "‰", "€", "•", "ქართული", "አማርኛ", "\u2007", "\u3000", "½", "x\u0335",
)  # fmt: skip
LINKS = (
    "https://example.com", "http://example.com/path", "https://example.com/a?b=1&c=2#d", "HTTPS://EXAMPLE.COM/A", "example.com",
    "www.example.com", "sub.example.co.uk/x", "example.de/", "https://t.co/abc123XYZ", "t.co/abc", "https://t.co/abc-def", "http://t.co/a1?x=1",
    "https://müller.de", "müller.de", "https://例え.jp/path", "例え.jp", "https://xn--mller-kva.de", "xn--mller-kva.de", "https://example.com/ünder",
    "https://en.wikipedia.org/wiki/X_(letter)", "https://example.com/(a(b)c)", "https://example.com.", "https://example.com/a.", "https://localhost/x",
    "http://example", "ftp://example.com", "mailto:a@example.com", "a@example.com", "https://user@example.com", "https://example.com:8080/x",
    "example.invalidtld", "file.txt", "README.md", "it.is", "node.js", "1.2.3", "192.168.0.1", "https://192.168.0.1/x", "e.g.", "example.com-x", "-example.com",
    "ex_ample.com", "https://ex_ample.com", "https://a_b.example.com/x", "example.museum", "example.xyz/?q=ä", "https://example.com/Привет", "https://пример.рф",
    "example.com/@user", "@example.com", "#example.com", "$example.com", "https://example.com/#!/x", "http://a.b.c.d.example.com", "example..com", ".example.com",
    "https://example.com/%20x", "https://example.com/~u/'x'", "https://twitter.com/i/1", "amazon.co.jp", "example.中国", "example.com/日本", "https://例え.テスト",
    "https://example.com?x", "https://example.com/?", "https://example.com/;a", "example.photo", "https://-example.com", "https://example-.com", "http://.com",
    "https://example.com/[x]", "https://example.com/a|b", "https://example.com/a_", "example.com/a-", "example.com/a=", "example.com:80", "example.com:", "https://a.co/😀",
)  # fmt: skip
MARKS = (
    "@user", "@user_name/list", "＠user", "#tag", "#größe", "#1", "＃tag", "$ACME", "$ACME.B", "$1", "$acme_x", "&", "<b>", "&amp;", "@", "#", "$", "/", "://", "_", "-",
)  # fmt: skip
JOINTS = (" ", " ", " ", "", "", "\n", "\n\n", "\t", ".", ", ", "! ", "?", ":", ";", "(", ")", "[", "]", "\"", "'", "、", "。", "「", "」", "/", "…", "—", "~", "*")  # fmt: skip


def strings() -> Iterator[str]:
    """The same strings in every run: each fragment alone, between letters of several scripts, then drawn mixtures."""
    fragments = (*EMOJI, *SCRIPTS, *LINKS, *MARKS)
    yield from fragments
    for fragment in fragments:
        for before, after in (("a", "a"), ("日", "本"), ("é", "é"), ("(", ")"), ("\n", "\n"), ("@", ""), ("😀", "😀"), ("Я", "Я"), ("“", "”"), ("_", "_"), ("-", "-"), ("1", "1"), ("\u202a", "\u202c")):  # fmt: skip
            yield f"{before}{fragment}{after}"
    drawn = random.Random(SEED)
    pools = (EMOJI, SCRIPTS, LINKS, LINKS, MARKS)
    while True:
        text = ""
        for _ in range(drawn.randint(1, 9)):
            text += drawn.choice(drawn.choice(pools)) + drawn.choice(JOINTS)
        yield text


def test_our_length_is_twitter_texts() -> None:
    node = shutil.which("node")
    if node is None or not PACKAGE.is_dir():
        pytest.skip("twitter-text or node is absent: .ci/run installs it below .tools/node")
    texts = list(dict.fromkeys(text for text, _ in zip(strings(), range(COUNT + 1_000), strict=False)))
    assert len(texts) >= 10_000
    judged = subprocess.run(
        [node, "-e", PROGRAM, str(PACKAGE)], input="".join(json.dumps(text) + "\n" for text in texts), text=True,
        capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    lengths = [int(line) for line in judged.stdout.split()]
    assert len(lengths) == len(texts)
    wrong = [(text, weighted_length(text), length) for text, length in zip(texts, lengths, strict=True) if weighted_length(text) != length]  # fmt: skip
    assert wrong == [], (
        f"{len(wrong)} of {len(texts)} differ (text, ours, theirs), the shortest: {sorted(wrong, key=lambda w: len(w[0]))[:12]}"
    )
