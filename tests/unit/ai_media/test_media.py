"""Which makers there are, their prices and ends, requests as JSON, headlines, and what the sandbox makes up."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.ai.frames import nearest_ratio, nearest_size, ratio_of, shortest
from connectors.ai.media import KNOWN, PROVIDERS, SPEECH_ENDS, Makers, prices_of, reachable, specs
from connectors.ai.signature import content_type_of
from connectors.assets import sniff
from connectors.movie import read_movie
from connectors.sandbox import clips
from models.domain.ai import ImageRequest, Modality, SpeechRequest, VideoRequest
from models.domain.media import headline, modality_of, plain, request_of
from models.domain.spending import ProviderAccess
from models.errors import AnswerMalformed, InvalidInput, NoModel

TODAY = date(2026, 11, 29)
ALL = {name: ProviderAccess(name, "http://127.0.0.1:9/x", key="k") for name in PROVIDERS}


def test_openai_stops_speaking_on_the_day_it_said() -> None:
    before = {spec.provider for spec in specs(ALL, Modality.SPEECH, today=date(2027, 1, 5))}
    after = {spec.provider for spec in specs(ALL, Modality.SPEECH, today=SPEECH_ENDS)}
    assert before - after == {"openai"}


def test_the_cheapest_is_tried_first_and_unpriced_ones_last() -> None:
    for modality in (Modality.IMAGE, Modality.VIDEO, Modality.SPEECH):
        found = specs(ALL, modality, today=TODAY)
        known = [spec.unit_usd for spec in found if spec.unit_usd is not None]
        assert known == sorted(known)
        assert [spec.unit_usd for spec in found][len(known) :] == [None] * (len(found) - len(known))
        assert all(spec.unit_usd is None or spec.unit_usd > 0 for spec in found)


def test_every_known_model_is_built_and_says_its_spec() -> None:
    makers = Makers(ALL, TODAY, {"luma/ray-2": 0.2})
    built = [model.spec for kind in (Modality.IMAGE, Modality.VIDEO, Modality.SPEECH) for model in makers.of(kind)]
    assert {spec.id for spec in KNOWN} <= {spec.id for spec in built}
    assert next(spec for spec in built if spec.id == "luma/ray-2").unit_usd == 0.2


def test_without_keys_there_are_the_makers_of_this_machine() -> None:
    local = {spec.provider for spec in reachable({}, today=TODAY)}
    assert local <= {"card", "espeak"}
    makers = Makers({}, TODAY)
    assert makers.of(Modality.IMAGE, provider="card")[0].spec.local
    for modality, words in ((Modality.IMAGE, "branded card"), (Modality.VIDEO, "luma, pika, runway")):
        with pytest.raises(NoModel, match=words) as none:
            makers.of(modality)
        assert str(none.value).count(". ") == 0
    with pytest.raises(NoModel):
        makers.of(Modality.IMAGE, provider="stability")
    with pytest.raises(InvalidInput, match="runway makes no picture"):
        makers.of(Modality.IMAGE, provider="runway")
    with pytest.raises(InvalidInput, match="no model 'x'"):
        Makers(ALL, TODAY).of(Modality.IMAGE, provider="stability", model="x")


def test_a_midjourney_service_without_an_address_is_none() -> None:
    assert not specs({"midjourney": ProviderAccess("midjourney", key="k")}, Modality.IMAGE, today=TODAY)


def test_prices_are_those_of_known_models() -> None:
    assert prices_of(" runway/gen4.5=0.25 ,murf/GEN2=0.03,") == {"runway/gen4.5": 0.25, "murf/GEN2": 0.03}
    for wrong in ("runway/gen4.5", "runway/gen4.5=free", "runway/gen4.5=0", "runway/gen4.5=-1", "nobody/x=1", "a=nan"):
        with pytest.raises(InvalidInput):
            prices_of(wrong)


@pytest.mark.parametrize(
    "request_",
    [
        ImageRequest("a", 10, 20, "t", ("l", "m"), {"accent": "#ffffff"}), VideoRequest("a", 7, "1:1", "https://e.org/a"),
        SpeechRequest("a", "v", "de", 3.0),
    ],
)  # fmt: skip
def test_a_request_comes_back_from_json_as_it_was(request_: ImageRequest | VideoRequest | SpeechRequest) -> None:
    import json

    assert request_of(modality_of(request_), json.loads(json.dumps(plain(request_)))) == request_


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Repair beats replace. Bring it on Saturday.", "Repair beats replace"),
        ("\n#gear Free zipper repair! 🎉 https://example.org/x @us", "Free zipper repair!"),
        ("What lasts? Ask us.", "What lasts?"),
        ("v1.2 is out. Now.", "v1.2 is out."),
        ("", ""),
        ("#only #tags", ""),
    ],
)
def test_a_headline_is_the_first_sentence(text: str, title: str) -> None:
    assert headline(text) == title


@given(st.text(max_size=400))
def test_a_headline_fits_a_card(text: str) -> None:
    assert len(headline(text)) <= 90
    assert "\n" not in headline(text)


def test_ratios_and_sizes() -> None:
    assert nearest_ratio(1080 / 1350, ("1:1", "4:5", "9:16")) == "4:5"
    assert nearest_ratio(ratio_of("1080:1920"), ("1280:720", "720:1280")) == "720:1280"
    assert nearest_size(1080, 1350, ((1024, 1024), (1536, 1024), (1024, 1536))) in ((1024, 1024), (1024, 1536))
    assert shortest(1920, 1080) == "16:9"


def test_what_the_sandbox_makes_up_is_what_it_says(tmp_path: Path) -> None:
    movie = clips.movie("a bench", 180, 320, 5)
    (tmp_path / "a.mp4").write_bytes(movie)
    told = read_movie(tmp_path / "a.mp4")
    assert told is not None
    assert (told.width, told.height, told.duration_seconds) == (176, 320, 5.0)
    assert content_type_of(movie, Modality.VIDEO, "m") == "video/mp4"
    assert content_type_of(clips.picture("a", 64, 80), Modality.IMAGE, "m") == "image/png"
    assert content_type_of(clips.recording("a bench"), Modality.SPEECH, "m") == "audio/mpeg"
    assert clips.movie("a bench", 180, 320, 5) == movie != clips.movie("another", 180, 320, 5)


@pytest.mark.parametrize("modality", [Modality.IMAGE, Modality.VIDEO, Modality.SPEECH])
@pytest.mark.parametrize(
    "data", [b"", b"<html>", b"\x89PNG\r\n\x1a\nbroken", b"\xff\xfe" + "text".encode("utf-16-le"), bytes(64)]
)
def test_other_bytes_are_refused(modality: Modality, data: bytes) -> None:
    with pytest.raises(AnswerMalformed):
        content_type_of(data, modality, "m")


def test_recordings_are_told_by_their_bytes() -> None:
    heads = {
        b"ID3\x04": "audio/mpeg", b"\xff\xfb\x90\xc0": "audio/mpeg", b"\xff\xf3\x48\xc4": "audio/mpeg", b"OggS": "audio/ogg",
        b"fLaC": "audio/flac", b"RIFF\0\0\0\0WAVE": "audio/wav", b"\xff\xff\xff\xff": None, b"\xff\xfb": None,
    }  # fmt: skip
    assert {head: sniff(head) for head in heads} == heads
