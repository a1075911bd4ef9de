"""Fonts of cards, and which letters they have.

The first choice is Source Sans (SIL Open Font License), which Streamlit, a dependency, carries as a file: Latin, Greek and
Cyrillic in all weights. The font within Pillow has ASCII only and is the last. For other scripts the operator names font
files (`FABRIC_CARD_FONTS`). A card is set in one font, the first that has all its letters: then the same words on the same
installation give the same bytes.
"""

from __future__ import annotations

import contextlib
import importlib.util
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import InvalidInput

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

REGULAR, SEMIBOLD, BOLD = 400, 600, 700
_NOWHERE = "\U0010ffff"
_PROBE = 24
_DECORATION = ("So", "Sk", "Sm", "Cf", "Cn", "Co", "Me", "Mn")
"""Categories of characters that are left out when no font has them: pictures, signs, joiners, selectors."""


class Typeface:
    """One font file in several sizes and weights. `path` of None is the font within Pillow."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._probe = self._open(_PROBE, basic=True)
        self._missing = self._glyph(_NOWHERE)
        self._known: dict[str, bool] = {}

    @property
    def name(self) -> str:
        return " ".join(part for part in self._probe.getname() if part)

    def has(self, char: str) -> bool:
        """Whether the font draws the character; white space counts as drawn."""
        if char not in self._known:
            self._known[char] = char.isspace() or self._glyph(char) != self._missing
        return self._known[char]

    @lru_cache(maxsize=256)  # noqa: B019  typefaces live as long as the process
    def sized(self, size: int, weight: int) -> FreeTypeFont:
        """The font in pixels; the weight counts where the file has several."""
        font = self._open(size)
        with contextlib.suppress(OSError, NotImplementedError):  # of files with one weight only
            font.set_variation_by_axes([weight])
        return font

    def _open(self, size: int, *, basic: bool = False) -> FreeTypeFont:
        from PIL import ImageFont

        if self.path is None:
            default = ImageFont.load_default(size)
            if not isinstance(default, ImageFont.FreeTypeFont):
                raise InvalidInput("This installation's Pillow cannot draw fonts: install Pillow with FreeType.")
            return default
        engine = ImageFont.Layout.BASIC if basic else None
        return ImageFont.truetype(str(self.path), size, layout_engine=engine)

    def _glyph(self, char: str) -> tuple[tuple[int, int], bytes]:
        mask = self._probe.getmask(char)
        return mask.size, bytes(mask)


@lru_cache(maxsize=8)
def typefaces(extra: tuple[str, ...] = ()) -> tuple[Typeface, ...]:
    """All that this installation has, in order of choice. Raises `InvalidInput` for a file that is no font."""
    found = [Typeface(path) for path in (_source_sans(),) if path is not None]
    for name in extra:
        try:
            found.append(Typeface(Path(name)))
        except OSError:
            raise InvalidInput(f"{name} cannot be read as a font: correct FABRIC_CARD_FONTS.") from None
    return (*found, Typeface(None))


def chosen(texts: Sequence[str], faces: Sequence[Typeface]) -> tuple[Typeface, str]:
    """The first typeface that has all letters of the texts, and the letters that it lacks when none has them all."""
    letters = sorted({char for text in texts for char in text if not is_decoration(char)})
    fewest: tuple[Typeface, str] | None = None
    for face in faces:
        lacking = "".join(char for char in letters if not face.has(char))
        if not lacking:
            return face, ""
        if fewest is None or len(lacking) < len(fewest[1]):
            fewest = face, lacking
    assert fewest is not None
    return fewest


def is_decoration(char: str) -> bool:
    """Whether a text says the same without the character: emoji, signs, joiners and variation selectors."""
    category = unicodedata.category(char)
    return category in _DECORATION and not (category == "Mn" and not 0xFE00 <= ord(char) <= 0xFE0F)


def drawable(text: str, face: Typeface) -> tuple[str, bool]:
    """The text without decoration that the typeface lacks, and whether something was left out."""
    kept = "".join(char for char in text if face.has(char) or not is_decoration(char))
    return " ".join(kept.split()), any(
        not face.has(char) and unicodedata.category(char) not in ("Cf", "Mn") for char in text if is_decoration(char)
    )


def _source_sans() -> Path | None:
    """The file that Streamlit serves to browsers; nothing of the package is imported."""
    found = importlib.util.find_spec("streamlit")
    for place in (found.submodule_search_locations or []) if found else []:
        files = sorted(Path(place).glob("static/static/media/SourceSansVF-Upright*.woff2"))
        if files:
            return files[0]
    return None
