"""Text limits. X's figures were taken from twitter-text 3.1.0's parseTweet, the vendor's own counting code."""

import pytest

from models.domain.social import TEXT_LIMITS, Platform
from models.generation.limits import check_text, hashtags, parts, text_length

X_LENGTHS = [
    ("hello world", 11),
    ("", 0),
    ("e\u0301", 1),  # NFC: e + combining acute is one character
    ("ñandú", 5),
    ("日本語", 6),
    ("한국어", 6),
    ("…", 2),
    ("“quoted”", 8),
    ("👨\u200d👩\u200d👧\u200d👦", 2),
    ("👍🏽", 2),
    ("🇩🇪", 2),
    ("1\ufe0f\u20e3", 2),
    ("☀\ufe0f", 2),
    ("©", 1),
    ("©\ufe0f", 2),
    ("https://example.com/a/very/long/path/that/goes/on?with=query&and=more", 23),
    ("http://a.co", 23),
    ("see https://example.com/a(b)c.", 28),
    ("example.com", 23),
    ("read example.co.jp/path now", 32),
    ("https://münchen.de/ä", 23),
    ("example.comを見る", 29),
    ("a@example.com", 13),
    ("@example.com", 12),
    ("http://localhost", 16),
    ("version 1.2.3", 13),
    ("photo.jpg", 9),
    ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 2),
]


@pytest.mark.parametrize(("text", "length"), X_LENGTHS)
def test_x_counts_as_the_vendor_does(text: str, length: int) -> None:
    assert text_length(Platform.X, text) == length


def test_x_takes_280_and_refuses_281() -> None:
    assert check_text(Platform.X, "a" * 280) == []
    assert check_text(Platform.X, "日" * 140) == []
    assert check_text(Platform.X, "a" * 281) == [
        "The X text is 281 weighted characters long and the limit is 280: shorten it by 1."
    ]


def test_other_platforms_count_in_their_own_unit() -> None:
    assert text_length(Platform.TIKTOK, "👍a") == 3
    assert text_length(Platform.FACEBOOK, "👍a") == 2
    assert text_length(Platform.YOUTUBE, "Title: anything\n\nä") == 2


@pytest.mark.parametrize("platform", list(Platform))
def test_the_bound_itself_fits_and_one_more_does_not(platform: Platform) -> None:
    bound = TEXT_LIMITS[platform].max_chars
    assert check_text(platform, "a" * bound) == []
    assert len(check_text(platform, "a" * (bound + 1))) == 1


@pytest.mark.parametrize("platform", list(Platform))
def test_an_empty_text_is_refused(platform: Platform) -> None:
    assert check_text(platform, " \n ") == [f"The {platform.label} text is empty: write at least one sentence."]


def test_fields_are_read_from_the_first_lines() -> None:
    mail = parts(Platform.EMAIL, "Subject: Hello\nPreheader: There\n\nBody\nSubject: not a field")
    assert mail.fields == {"Subject": "Hello", "Preheader": "There"}
    assert mail.body == "Body\nSubject: not a field"
    assert parts(Platform.X, "Title: stays").fields == {}


def test_field_limits_are_checked() -> None:
    assert check_text(Platform.YOUTUBE, f"Title: {'a' * 100}\n\nBody") == []
    assert "title is 101 characters" in check_text(Platform.YOUTUBE, f"Title: {'a' * 101}\n\nBody")[0]
    assert "subject is empty" in check_text(Platform.EMAIL, "Subject: \n\nBody")[0]


def test_hashtags_are_counted_where_a_platform_limits_them() -> None:
    assert hashtags("#one #two_2 a#no #3 http://x/#no ＃full") == ["#one", "#two_2", "＃full"]
    assert check_text(Platform.INSTAGRAM, " ".join(f"#tag{i}" for i in range(30))) == []
    assert "31 hashtags" in check_text(Platform.INSTAGRAM, " ".join(f"#tag{i}" for i in range(31)))[0]


def test_characters_a_platform_refuses_are_named() -> None:
    assert "< and >" in check_text(Platform.YOUTUBE, "Title: a <b>\n\ntext")[0]
    assert "control character" in check_text(Platform.FACEBOOK, "a\x00b")[0]
