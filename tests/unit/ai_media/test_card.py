"""Branded cards: the same bytes, readable colours, text inside its place, and an honest word about what cannot be drawn."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from connectors.ai.card.colours import READABLE, contrast, palette, parsed
from connectors.ai.card.fonts import Typeface, chosen, typefaces
from connectors.ai.card.image import CardImages
from connectors.ai.card.lines import balanced, cut, reads_from_right, wrapped
from connectors.ai.card.sizes import SIZES
from models.domain.ai import ImageRequest, MediaAnswer
from models.domain.social import Platform
from models.errors import AnswerRefused, InvalidInput

ROOT = Path(__file__).resolve().parents[3]
DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
LONG = "Why our repair bench fixed so many jackets last year, and how the next collection changes because of it"


def card(title: str, *lines: str, size: tuple[int, int] = (1080, 1080), **style: str) -> MediaAnswer:
    return CardImages().make(ImageRequest("", *size, title, lines, style))


def pixels(answer: MediaAnswer) -> Image.Image:
    return Image.open(io.BytesIO(answer.data)).convert("RGB")


@pytest.mark.parametrize("platform", list(SIZES))
def test_it_has_the_size_of_the_platform_and_fits(platform: Platform) -> None:
    size = SIZES[platform]
    answer = card(LONG, "First line", "Second line", size=size, brand="Sample Brand")
    picture = pixels(answer)
    assert (picture.size, answer.content_type, answer.cost_microusd, answer.note) == (size, "image/png", 0, "")
    margin = round(min(size) * 0.075)  # a j reaches a little to the left of where it stands
    ground = picture.getpixel((0, 0))
    inside = (margin, margin, size[0] - margin, size[1] - margin)
    outside = picture.copy()
    outside.paste(ground, inside)
    assert outside.getcolors() == [(size[0] * size[1], ground)]


def test_the_same_words_give_the_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib; from connectors.ai.card.image import CardImages; from models.domain.ai import ImageRequest; "
        "print(hashlib.sha256(CardImages().make(ImageRequest('', 1200, 630, 'Größe – “zählt”', ('a', 'b'), "
        "{'brand': 'Żółć'})).data).hexdigest())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    here = card("Größe – “zählt”", "a", "b", size=(1200, 630), brand="Żółć")
    assert done.stdout.strip() == hashlib.sha256(here.data).hexdigest()


def test_stories_keep_clear_of_what_apps_lay_over_them() -> None:
    width, height = 1080, 1920
    picture = pixels(
        card(LONG, *["A line that is rather long and needs two lines"] * 6, size=(width, height), brand="B")
    )
    ground = picture.getpixel((0, 0))
    for box in ((0, 0, width, round(height * 0.12)), (0, round(height * 0.82), width, height)):
        assert picture.crop(box).getcolors() == [((box[2] - box[0]) * (box[3] - box[1]), ground)]


@given(st.integers(0, 0xFFFFFF), st.integers(0, 0xFFFFFF))
def test_text_can_always_be_read(ground: int, text: int) -> None:
    found = palette(f"#{ground:06x}", "", f"#{text:06x}")
    assert contrast(found.text, found.background) >= READABLE
    assert bool(found.changed) == (found.text != parsed(f"#{text:06x}"))
    assert contrast(found.accent, found.background) >= 1.6


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


def test_a_replaced_colour_left_out_emoji_and_cut_text_are_said() -> None:
    assert "can hardly be read" in card("Title", background="#223344", text="#223355").note
    assert "Emoji and signs are left out" in card("Snow 🎉🏔️ day").note
    assert card("Snow 🎉🏔️ day").data == card("Snow day").data
    assert "cut off" in card("word " * 60, *["word " * 45] * 6, size=(1280, 720)).note
    assert card("Café – “naïve” … Ελλάδα, Кириллица, Łódź, €5").note == ""


@pytest.mark.parametrize(
    ("title", "script"), [("日本語", "Cjk"), ("مرحبا", "Arabic"), ("नमस्ते", "Devanagari"), ("สวัสดี", "Thai")]
)
def test_letters_that_no_font_has_are_refused_by_the_name_of_their_script(title: str, script: str) -> None:
    with pytest.raises(AnswerRefused, match=script) as refused:
        card(title)
    assert "FABRIC_CARD_FONTS" in str(refused.value)


@pytest.mark.skipif(not DEJAVU.is_file(), reason="Debian's fonts-dejavu-core is not installed")
def test_a_font_of_the_operator_is_taken_for_what_the_first_lacks() -> None:
    cards = CardImages((str(DEJAVU),))
    arabic = pixels(cards.make(ImageRequest("", 1080, 1080, "إصلاح السترة")))
    ground = Image.new("RGB", arabic.size, arabic.getpixel((0, 0)))
    left, _, right, _ = ImageChops.difference(arabic, ground).getbbox()
    assert 1080 - right < 110 < 200 < left  # it stands at the right edge
    assert cards.make(ImageRequest("", 600, 600, "Plain")).data == card("Plain", size=(600, 600)).data
    assert chosen(["Plain"], typefaces((str(DEJAVU),)))[0].name.startswith("SourceSans")


def test_a_file_that_is_no_font_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "font.ttf"
    bad.write_bytes(b"no font")
    with pytest.raises(InvalidInput, match="FABRIC_CARD_FONTS"):
        CardImages((str(bad),)).make(ImageRequest("", 600, 600, "Title"))


def test_the_font_within_pillow_serves_when_there_is_no_other() -> None:
    face = Typeface(None)
    assert face.has("A")
    assert not face.has("é")
    assert chosen(["Plain"], [face]) == (face, "")
    assert chosen(["é"], [face]) == (face, "é")


@pytest.mark.parametrize(
    "request_",
    [
        ImageRequest("", 100, 600, "a"), ImageRequest("", 600, 5000, "a"), ImageRequest("", 4000, 300, "a"),
        ImageRequest("", 600, 600, ""), ImageRequest("", 600, 600, "a" * 301), ImageRequest("", 600, 600, "a", ("b",) * 7),
        ImageRequest("", 600, 600, "a", style={"accent": "red"}), ImageRequest("", 600, 600, "a", style={"brand": "b" * 61}),
    ],
)  # fmt: skip
def test_what_is_out_of_bounds_is_one_sentence(request_: ImageRequest) -> None:
    with pytest.raises(InvalidInput) as refused:
        CardImages().make(request_)
    assert str(refused.value).count(".") <= 2


def test_a_title_of_nothing_but_emoji_is_refused() -> None:
    with pytest.raises(AnswerRefused, match="no letters"):
        card("🎉🎉")


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=120)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts, st.lists(texts, max_size=4), st.sampled_from([(300, 300), (640, 360), (360, 640)]))
def test_any_text_is_drawn_or_refused_with_a_sentence(title: str, lines: list[str], size: tuple[int, int]) -> None:
    try:
        answer = card(title, *lines, size=size, brand="B")
    except (AnswerRefused, InvalidInput):
        return
    assert pixels(answer).size == size


@given(st.text(st.sampled_from("ab c-/日本。"), max_size=60), st.integers(1, 20))
def test_lines_lose_nothing_and_keep_to_the_width(text: str, width: int) -> None:
    for lines in (wrapped(text, width, len), balanced(text, width, len)):
        assert "".join("".join(lines).split()) == "".join(text.split())
        assert all(len(line) <= width for line in lines)


def test_lines_break_where_a_reader_would() -> None:
    assert balanced("one two three four", 14, len) == ["one two", "three four"]
    assert wrapped("ski-tour im Mai", 8, len) == ["ski-tour", "im Mai"]
    assert (
        wrapped("日本語です。次", 5, len) == ["日本語です。"[:5], "。次"]
        or "。" not in wrapped("日本語です。次", 5, len)[1][:1]
    )
    assert cut(["one", "two", "three"], 2, 4, len) == ["one", "two…"]
    assert reads_from_right("123 שלום")
    assert not reads_from_right("123 hello שלום")
