"""Branded cards: a title, lines and the brand's name on its colours. No model, no key, nothing leaves the machine.

The same request gives the same bytes. Text always has a contrast of at least 4.5 with its background. What cannot be drawn
is said: letters that no font here has are refused, emoji are left out with a note, and a text that is too long for its
place ends with an ellipsis and a note.
"""

from __future__ import annotations

import io
import math
import time
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.ai.card.colours import Palette, palette
from connectors.ai.card.fonts import BOLD, REGULAR, SEMIBOLD, Typeface, chosen, drawable, typefaces
from connectors.ai.card.lines import Measure, balanced, cut, reads_from_right, wrapped
from models.domain.ai import ImageRequest, MediaAnswer, Modality, ModelSpec, Tier
from models.errors import AnswerRefused, InvalidInput

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

SPEC = ModelSpec("card", "branded-card-1", Modality.IMAGE, Tier.DRAFT, unit_usd=0.0, structured=False, local=True)
"""The name ends with the layout's version: another number means other bytes for the same words."""
LEAST, MOST = 200, 4_096
MOST_TITLE, MOST_LINES, MOST_LINE, MOST_BRAND = 300, 6, 240, 60
_STORY = 0.62
"""Width by height from which on apps cover the top and the bottom of a picture (stories, reels, short videos)."""
_STORY_TOP, _STORY_BOTTOM = 0.13, 0.19
_TITLE_SIZES = (0.125, 0.042)
"""Largest and smallest, as shares of a card's unit: the root of its area, at most 1.25 times its shorter side."""
_LINE_SIZES = (0.05, 0.029)
_LEADING, _BODY_LEADING = 1.18, 1.32
_MARKS_LEADING = 1.4
"""Of scripts from right to left, whose letters have marks above and below."""
_STEPS = 31


@dataclass(frozen=True)
class _Block:
    """Lines of one text in one font size. `lines` are drawn from top to bottom, each `step` pixels below the other."""

    lines: list[str]
    size: int
    weight: int
    leading: float
    bullets: tuple[int, ...] = ()
    """Numbers of the lines before which a bullet stands."""

    @property
    def step(self) -> int:
        return round(self.size * self.leading)

    @property
    def height(self) -> int:
        gaps = max(0, len(self.bullets) - 1) * round(self.size * 0.45)
        return len(self.lines) * self.step + gaps


class CardImages:
    """Implements `models.ports.ImageModel`. `fonts` are files for scripts that Source Sans lacks, in order of choice."""

    spec = SPEC

    def __init__(self, fonts: tuple[str, ...] = ()) -> None:
        self._fonts = fonts

    def make(self, request: ImageRequest) -> MediaAnswer:
        from PIL import Image, ImageDraw

        started = time.monotonic()
        title, lines, brand = _checked(request)
        style = request.style
        colours = palette(style.get("background", ""), style.get("accent", ""), style.get("text", ""))
        face, lacking = chosen([title, *lines, brand], typefaces(self._fonts))
        if lacking:
            raise AnswerRefused(
                SPEC.id,
                cause=f"no font here has the letters {lacking[:12]} ({_scripts(lacking)})",
                next_step="set FABRIC_CARD_FONTS to a font file that has them, or write the card in other letters",
            )
        notes = [colours.changed] if colours.changed else []
        (title, *lines, brand), left_out = _drawn([title, *lines, brand], face)
        if left_out:
            notes.append("Emoji and signs are left out, because the font has none.")
        if not title:
            raise AnswerRefused(SPEC.id, cause="the title has no letters", next_step="write a title")
        picture = Image.new("RGB", (request.width, request.height), colours.background)
        if _paint(ImageDraw.Draw(picture), request, face, colours, title, [line for line in lines if line], brand):
            notes.append("The text is cut off with “…”, because it is too long for the card.")
        out = io.BytesIO()
        picture.save(out, "PNG")
        return MediaAnswer(
            out.getvalue(), "image/png", SPEC.provider, SPEC.name, time.monotonic() - started, 0, " ".join(notes)
        )


def _checked(request: ImageRequest) -> tuple[str, list[str], str]:
    """Title, lines and brand in NFC on one line each. Raises `InvalidInput` for a size or a text out of bounds."""
    if not (LEAST <= request.width <= MOST and LEAST <= request.height <= MOST):
        raise InvalidInput(f"A card has between {LEAST} and {MOST:,} pixels a side: choose another size.")
    if not 1 / 4 <= request.width / request.height <= 4:
        raise InvalidInput("A card's sides differ by at most four times: choose another size.")
    title, brand = _plain(request.title), _plain(request.style.get("brand", ""))
    lines = [line for line in map(_plain, request.lines) if line]
    if not title:
        raise InvalidInput("The card has no title: write one.")
    for what, text, most in (("title", title, MOST_TITLE), ("brand's name", brand, MOST_BRAND)):
        if len(text) > most:
            raise InvalidInput(f"The card's {what} has {len(text)} characters: shorten it to {most}.")
    if len(lines) > MOST_LINES or any(len(line) > MOST_LINE for line in lines):
        raise InvalidInput(f"A card has at most {MOST_LINES} lines of {MOST_LINE} characters: shorten them.")
    return title, lines, brand


def _plain(text: str) -> str:
    kept = "".join(char for char in unicodedata.normalize("NFC", text) if char.isspace() or unicodedata.category(char) not in ("Cc", "Cs"))  # fmt: skip
    return " ".join(kept.split())


def _drawn(texts: list[str], face: Typeface) -> tuple[list[str], bool]:
    shown = [drawable(text, face) for text in texts]
    return [text for text, _ in shown], any(left_out for _, left_out in shown)


def _paint(
    draw: ImageDraw, request: ImageRequest, face: Typeface, colours: Palette, title: str, lines: list[str], brand: str
) -> bool:
    """Draws everything; True when some text had to be cut."""
    width, height = request.width, request.height
    unit = min(1.25 * min(width, height), math.sqrt(width * height))
    margin = round(min(width, height) * 0.085)
    story = width / height < _STORY
    top = round(height * _STORY_TOP) if story else margin
    bottom = height - (round(height * _STORY_BOTTOM) if story else margin)
    from_right = reads_from_right(title)
    inner = width - 2 * margin
    if brand:
        size = max(12, round(unit * 0.036))
        text = cut(wrapped(brand, inner, _measure(face, size, SEMIBOLD)), 1, inner, _measure(face, size, SEMIBOLD))[0]
        _line(draw, face, text, size, SEMIBOLD, colours.text, margin, bottom - round(size * 1.28), inner, from_right)
        bottom -= round(size * 2.3)
    bar = max(4, round(unit * 0.013))
    bar_gap = round(unit * 0.042)
    room = bottom - top - bar - bar_gap
    gap = round(unit * 0.05) if lines else 0
    title_block, body, is_cut = _fitted(face, title, lines, inner, room, unit, gap)
    total = bar + bar_gap + title_block.height + gap + (body.height if body else 0)
    y = top + max(0, (bottom - top - total) // 2)
    bar_width = round(unit * 0.13)
    x = width - margin - bar_width if from_right else margin
    draw.rectangle((x, y, x + bar_width - 1, y + bar - 1), fill=colours.accent)
    y += bar + bar_gap
    _block(draw, face, title_block, colours, margin, y, inner, from_right)
    if body:
        _block(draw, face, body, colours, margin, y + title_block.height + gap, inner, from_right)
    return is_cut


def _fitted(
    face: Typeface, title: str, lines: list[str], inner: int, room: int, unit: float, gap: int
) -> tuple[_Block, _Block | None, bool]:
    """Title and lines in the largest sizes that fit, both shrinking alike, and whether something had to be cut."""

    def sizes(step: int) -> tuple[int, int]:
        share = step / _STEPS
        return (
            round(unit * (_TITLE_SIZES[0] + (_TITLE_SIZES[1] - _TITLE_SIZES[0]) * share)),
            round(unit * (_LINE_SIZES[0] + (_LINE_SIZES[1] - _LINE_SIZES[0]) * share)),
        )

    def fits(step: int) -> bool:
        title_size, body_size = sizes(step)
        measure = _measure(face, title_size, BOLD)
        if any(measure(word) > inner for word in title.split() if word.isascii() or len(title.split()) > 1):
            return False
        head, body = (
            _Block(wrapped(title, inner, measure), title_size, BOLD, _leading(title)),
            _body(face, lines, inner, body_size),
        )
        return head.height + gap + (body.height if body else 0) <= room

    low, high = 0, _STEPS
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle + 1, high)
    title_size, body_size = sizes(low)
    measure, leading = _measure(face, title_size, BOLD), _leading(title)
    body, is_cut = _body(face, lines, inner, body_size), False
    while body and body.height > room // 2 and not fits(low):
        lines, is_cut = lines[:-1], True
        body = _body(face, lines, inner, body_size)
    head = balanced(title, inner, measure)
    most = max(1, (room - gap - (body.height if body else 0)) // round(title_size * leading))
    is_cut = is_cut or len(head) > most
    return _Block(cut(head, most, inner, measure), title_size, BOLD, leading), body, is_cut


def _body(face: Typeface, lines: list[str], inner: int, size: int) -> _Block | None:
    """One line is a subtitle, several are a list."""
    if not lines:
        return None
    measure = _measure(face, size, REGULAR)
    if len(lines) == 1:
        return _Block(wrapped(lines[0], inner, measure), size, REGULAR, _BODY_LEADING)
    shown: list[str] = []
    bullets = []
    for line in lines:
        bullets.append(len(shown))
        shown += wrapped(line, inner - _indent(size), measure)
    return _Block(shown, size, REGULAR, _BODY_LEADING, tuple(bullets))


def _leading(title: str) -> float:
    return _MARKS_LEADING if reads_from_right(title) else _LEADING


def _indent(size: int) -> int:
    return round(size * 1.1)


def _block(
    draw: ImageDraw, face: Typeface, block: _Block, colours: Palette, x: int, y: int, inner: int, from_right: bool
) -> None:
    indent = _indent(block.size) if block.bullets else 0
    for number, text in enumerate(block.lines):
        if number in block.bullets:
            y += round(block.size * 0.45) if number else 0
            radius = max(2, round(block.size * 0.14))
            middle = y + round(block.size * 0.62)
            left = x + inner - 2 * radius if from_right else x
            draw.ellipse((left, middle - radius, left + 2 * radius, middle + radius), fill=colours.accent)
        start = x if from_right else x + indent
        _line(draw, face, text, block.size, block.weight, colours.text, start, y, inner - indent, from_right)
        y += block.step


def _line(
    draw: ImageDraw, face: Typeface, text: str, size: int, weight: int, colour: tuple[int, int, int], x: int, y: int,
    inner: int, from_right: bool,
) -> None:  # fmt: skip
    """One line whose ascenders begin at `y`, at the left or the right edge."""
    font = face.sized(size, weight)
    start = x + inner - font.getlength(text) if from_right else x
    draw.text((start, y + size), text, font=font, fill=colour, anchor="ls")


def _measure(face: Typeface, size: int, weight: int) -> Measure:
    return face.sized(size, weight).getlength


def _scripts(letters: str) -> str:
    """`Hiragana, Cjk` of the first words of the letters' names."""
    names = dict.fromkeys(unicodedata.name(char, "unknown").split()[0].capitalize() for char in letters)
    return ", ".join(list(names)[:3])
