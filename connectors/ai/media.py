"""Models of pictures, videos and recordings: which are known, and how they are built from keys. For composition roots.

Prices are US dollars a piece: a picture, a second of video, a thousand characters of speech. None means that the provider
does not say one that holds for everybody; the operator may (`prices`). Seen on 2026-11-29:
OpenAI's price page (medium quality, the dearer ratio), Stability's (credits of one cent), Runway's (12 credits a second),
fal.ai's page of Pika 2.2 (720p), ElevenLabs' API prices, `genai-prices` for tts-1. Luma, Murf and services that speak
Midjourney's proxy bill by plan.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from connectors.ai.catalogue import ended
from models.domain.ai import Modality, ModelSpec, Tier
from models.domain.media import CARD
from models.domain.spending import ProviderAccess
from models.errors import InvalidInput, NoModel

if TYPE_CHECKING:
    from models.ports import ImageModel, SpeechModel, VideoModel

SPEECH_ENDS = date(2027, 1, 6)
_I, _V, _S = Modality.IMAGE, Modality.VIDEO, Modality.SPEECH


def _spec(
    provider: str, name: str, modality: Modality, tier: Tier, usd: float | None, ends_on: date | None = None
) -> ModelSpec:
    return ModelSpec(provider, name, modality, tier, unit_usd=usd, structured=False, ends_on=ends_on)


KNOWN = (
    _spec("openai", "gpt-image-1-mini", _I, Tier.DRAFT, 0.015),
    _spec("openai", "gpt-image-1.5", _I, Tier.STANDARD, 0.05),
    _spec("openai", "gpt-image-2.5-sunburst", _I, Tier.PREMIUM, None),
    _spec("stability", "stable-image-core", _I, Tier.DRAFT, 0.03),
    _spec("stability", "sd3.5-large", _I, Tier.STANDARD, 0.065),
    _spec("stability", "stable-image-ultra", _I, Tier.PREMIUM, 0.08),
    _spec("midjourney", "midjourney", _I, Tier.STANDARD, None),
    _spec("pika", "v2.2", _V, Tier.STANDARD, 0.04),
    _spec("luma", "ray-flash-2", _V, Tier.DRAFT, None),
    _spec("luma", "ray-2", _V, Tier.STANDARD, None),
    _spec("runway", "gen4.5", _V, Tier.PREMIUM, 0.12),
    _spec("openai", "tts-1", _S, Tier.DRAFT, 0.015, SPEECH_ENDS),
    _spec("openai", "tts-1-hd", _S, Tier.STANDARD, 0.03, SPEECH_ENDS),
    _spec("elevenlabs", "eleven_flash_v2_5", _S, Tier.STANDARD, 0.05),
    _spec("elevenlabs", "eleven_multilingual_v2", _S, Tier.PREMIUM, 0.10),
    _spec("murf", "GEN2", _S, Tier.STANDARD, None),
)
_ADAPTERS = {
    ("openai", _I): ("openai.image", "OpenAIImages"),
    ("openai", _S): ("openai.speech", "OpenAISpeech"),
    ("stability", _I): ("stability.image", "StabilityImages"),
    ("midjourney", _I): ("midjourney.image", "MidjourneyImages"),
    ("runway", _V): ("runway.video", "RunwayVideos"),
    ("luma", _V): ("luma.video", "LumaVideos"),
    ("pika", _V): ("pika.video", "PikaVideos"),
    ("elevenlabs", _S): ("elevenlabs.speech", "ElevenLabsSpeech"),
    ("murf", _S): ("murf.speech", "MurfSpeech"),
}
PROVIDERS = tuple(dict.fromkeys(spec.provider for spec in KNOWN))
_LOCAL: dict[Modality, set[str]] = {_I: {CARD}, _S: {"espeak"}}
_INSTEAD = {_I: ", or make a branded card, which needs no key", _S: ", or install espeak-ng on this machine"}
_NAMES = {_I: "picture", _V: "video", _S: "recording"}
NEEDS_ADDRESS = frozenset({"midjourney"})


def image_models(
    keys: Mapping[str, ProviderAccess], *, today: date, prices: Mapping[str, float] | None = None
) -> list[ImageModel]:
    """Those that have a key, cheapest first, unpriced ones last. The card renderer is not among them: it makes no picture
    of a description. See `connectors.ai.card`."""
    return [_built(spec, keys[spec.provider]) for spec in specs(keys, Modality.IMAGE, today=today, prices=prices)]


def video_models(
    keys: Mapping[str, ProviderAccess], *, today: date, prices: Mapping[str, float] | None = None
) -> list[VideoModel]:
    """As `image_models`. There is none without a key."""
    return [_built(spec, keys[spec.provider]) for spec in specs(keys, Modality.VIDEO, today=today, prices=prices)]


def speech_models(
    keys: Mapping[str, ProviderAccess], *, today: date, prices: Mapping[str, float] | None = None
) -> list[SpeechModel]:
    """As `image_models`; `espeak-ng` comes last where it is installed."""
    from connectors.ai.espeak.speech import EspeakSpeech, installed

    found = [_built(spec, keys[spec.provider]) for spec in specs(keys, Modality.SPEECH, today=today, prices=prices)]
    program = installed()
    return found if program is None else [*found, EspeakSpeech(program)]


def specs(
    keys: Mapping[str, ProviderAccess], modality: Modality, *, today: date, prices: Mapping[str, float] | None = None
) -> list[ModelSpec]:
    """What the keys reach on that day, cheapest first, unpriced last."""
    found = []
    for spec in KNOWN:
        key = keys.get(spec.provider)
        if spec.modality is not modality or key is None or not key.key or ended(spec, today):
            continue
        if spec.provider in NEEDS_ADDRESS and not key.base_url:
            continue
        found.append(replace(spec, unit_usd=(prices or {}).get(spec.id, spec.unit_usd)))
    return sorted(found, key=lambda spec: (spec.unit_usd is None, spec.unit_usd or 0.0))


def reachable(
    access: Mapping[str, ProviderAccess], *, today: date, prices: Mapping[str, float] | None = None
) -> list[ModelSpec]:
    """All that can be asked, those of this machine included, by kind and then in the order in which they are tried."""
    from connectors.ai.card.image import SPEC as CARD_SPEC
    from connectors.ai.espeak.speech import SPEC as ESPEAK
    from connectors.ai.espeak.speech import installed

    return [
        *specs(access, _I, today=today, prices=prices), CARD_SPEC, *specs(access, _V, today=today, prices=prices),
        *specs(access, _S, today=today, prices=prices), *([ESPEAK] if installed() else []),
    ]  # fmt: skip


def prices_of(text: str) -> dict[str, float]:
    """`runway/gen4.5=0.12, murf/GEN2=0.03` by model. Raises `InvalidInput`."""
    found: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, price = part.partition("=")
        try:
            value = float(price)
        except ValueError:
            value = -1.0
        if name.strip() not in {spec.id for spec in KNOWN} or not 0 < value < 10_000:
            raise InvalidInput(
                f"{part!r} is no price of a media model: write provider/model=US dollars a piece, such as "
                "runway/gen4.5=0.12."
            )
        found[name.strip()] = value
    return found


@dataclass(frozen=True)
class Makers:
    """What can make media for one workspace. `fonts` are font files for cards, `prices` the operator's own."""

    access: Mapping[str, ProviderAccess]
    today: date
    prices: Mapping[str, float] = field(default_factory=dict)
    fonts: tuple[str, ...] = ()

    def of(self, modality: Modality, *, provider: str = "", model: str = "") -> Sequence[Any]:
        """The models of that kind in the order in which they are tried: of one provider, or by one name, where asked.

        Raises `NoModel` with one sentence when there is none, `InvalidInput` for a provider that makes no such thing.
        """
        found = self._all(modality, provider)
        kept = [made for made in found if provider in ("", made.spec.provider) and model in ("", made.spec.name)]
        if kept:
            return kept
        offered = sorted({maker for maker, kind in _ADAPTERS if kind is modality} | _LOCAL.get(modality, set()))
        if provider and provider not in offered:
            raise InvalidInput(f"{provider} makes no {_NAMES[modality]} here: choose one of {', '.join(offered)}.")
        if provider and any(made.spec.provider == provider for made in found):
            raise InvalidInput(
                f"{provider} has no model {model!r} for a {_NAMES[modality]} here: see fabric media makers."
            )
        hosted = sorted({maker for maker, kind in _ADAPTERS if kind is modality})
        raise NoModel(
            provider or _NAMES[modality].capitalize(), cause=f"no maker of a {_NAMES[modality]} is set up",
            next_step=f"set up one of {', '.join(hosted)} (docs/media.md)" + _INSTEAD.get(modality, ""),
        )  # fmt: skip

    def _all(self, modality: Modality, provider: str) -> Sequence[Any]:
        if modality is Modality.IMAGE:
            from connectors.ai.card.image import CardImages

            if provider == CARD:
                return [CardImages(self.fonts)]
            return image_models(self.access, today=self.today, prices=self.prices)
        make = video_models if modality is Modality.VIDEO else speech_models
        return make(self.access, today=self.today, prices=self.prices)


def _built(spec: ModelSpec, key: ProviderAccess) -> Any:
    """The adapter; its SDK is imported when it is first called."""
    module, name = _ADAPTERS[spec.provider, spec.modality]
    make = getattr(importlib.import_module(f"connectors.ai.{module}"), name)
    return make(spec, key.key, key.base_url) if key.base_url else make(spec, key.key)
