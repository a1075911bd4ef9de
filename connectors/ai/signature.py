"""What a provider's bytes are, by their own signature and, for pictures, by reading them whole."""

from __future__ import annotations

import io

from connectors.assets import sniff
from models.domain.ai import Modality
from models.errors import AnswerMalformed

MOST_PIXELS = 64_000_000
_KINDS = {Modality.IMAGE: "image/", Modality.VIDEO: "video/", Modality.SPEECH: "audio/"}
_NAMES = {Modality.IMAGE: "picture", Modality.VIDEO: "video", Modality.SPEECH: "recording"}


def content_type_of(data: bytes, modality: Modality, model: str) -> str:
    """The content type of what was asked for. Raises `AnswerMalformed` when the bytes are something else or damaged."""
    found = sniff(data[:64])
    if found is None or not found.startswith(_KINDS[modality]):
        said = found or "nothing that is known"
        raise _malformed(model, f"its answer is no {_NAMES[modality]} by its content but {said}")
    if modality is Modality.IMAGE:
        _whole(data, model)
    return found


def _whole(data: bytes, model: str) -> None:
    """Decodes the picture, whose size is asked first: a few kilobytes may unpack to gigabytes."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise _malformed(model, f"its picture has {image.width} × {image.height} pixels, more than are taken")
            image.load()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        raise _malformed(model, "its picture is damaged") from None


def _malformed(model: str, cause: str) -> AnswerMalformed:
    return AnswerMalformed(model, cause=cause, next_step="ask again or choose another provider")
