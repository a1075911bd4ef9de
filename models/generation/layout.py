"""How a draft is laid out on each platform, from an angle, a topic and the brand's voice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from models.domain.social import Platform
from models.generation.angles import Angle, about, digest
from models.generation.voice import Voice
from models.generation.wording import templates


@dataclass(frozen=True)
class Material:
    """What a draft is about. `key` chooses among equal wordings, so that entries differ and stay the same."""

    angle: Angle
    topic: str
    keywords: tuple[str, ...]
    key: str


@dataclass(frozen=True)
class Shape:
    """How the text opens and how long it is."""

    LEVELS: ClassVar[int] = 5
    """How often a text gives something up to fit: in turn hashtags, link, audience, required phrases."""

    opening: Literal["statement", "question"]
    length: Literal["full", "short"]


@dataclass(frozen=True)
class _Parts:
    """Allowed sentences of one draft; each may be empty. `required` holds the profile's required phrases."""

    opening: str
    statement: str
    body: tuple[str, ...]
    audience: str
    invitation: str
    about: str
    link: str
    hashtags: str
    required: str
    title: str
    preheader: str
    prompt: str
    outline: tuple[str, ...]


def lay_out(platform: Platform, material: Material, shape: Shape, voice: Voice, level: int) -> str:
    """The text of a draft; higher levels leave more out. It is not checked against the limits here."""
    parts = _parts(platform, material, shape, voice, level)
    return voice.without_banned(_LAYOUTS[platform](parts, shape))


def _parts(platform: Platform, material: Material, shape: Shape, voice: Voice, level: int) -> _Parts:
    words: Any = templates("drafts")
    topic, angle = material.topic, material.angle

    def choose(options: Sequence[str]) -> str:
        start = digest(f"{material.key}{platform}") % len(options)
        return voice.first_allowed(about(option, topic) for option in (*options[start:], *options[:start]))

    def allowed(sentences: Sequence[str]) -> tuple[str, ...]:
        return tuple(s for s in (about(sentence, topic) for sentence in sentences) if voice.allows(s))

    place = {Platform.EMAIL: "reply", Platform.WEB: "article"}.get(platform, "comment")
    link = voice.link(material.key) if level < 2 and platform not in _WITHOUT_LINKS else ""
    body = angle.body if shape.length == "full" else (angle.short,)
    outline = [
        f"{heading}\n\n{prompt}" if voice.allows(prompt) else heading
        for heading, prompt in zip(allowed(words["outline"]), words["outline_prompts"], strict=False)
    ]
    return _Parts(
        opening=choose(angle.questions) if shape.opening == "question" else choose(angle.statements),
        statement=choose(angle.statements),
        body=allowed(body),
        audience=_if(voice, words["audience"].replace("{audience}", voice.audience), voice.audience and level < 3),
        invitation=choose(words["invitations"][voice.tone][place]),
        about=_if(voice, words["about"].replace("{description}", voice.description), voice.description),
        link=words["link"].replace("{link}", link) if link else "",
        hashtags=" ".join(_hashtags(material, voice)[: _HASHTAGS.get(platform, 0)]) if level < 1 else "",
        required=" ".join(map(_sentence, voice.required)) if level < 4 else "",
        title=voice.first_allowed(allowed((angle.title, "{Topic}"))),
        preheader=choose(words["preheaders"]),
        prompt=choose([words["video_prompt" if platform in _VIDEO else "image_prompt"]]),
        outline=tuple(outline),
    )


def _if(voice: Voice, sentence: str, wanted: object) -> str:
    return sentence if wanted and voice.allows(sentence) else ""


def _hashtags(material: Material, voice: Voice) -> list[str]:
    tags = ["#" + "".join(w[:1].upper() + w[1:] for w in word.replace("-", " ").split()) for word in material.keywords]
    unique = {tag.casefold(): tag for tag in reversed(tags) if len(tag) > 1}
    return [tag for tag in reversed(unique.values()) if voice.allows(tag)]


def _sentence(phrase: str) -> str:
    return f"{phrase}." if phrase[-1].isalnum() else phrase


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _line(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _facebook(parts: _Parts, shape: Shape) -> str:
    if shape.length == "short":
        return _paragraphs(_line(parts.opening, *parts.body), parts.required, parts.link)
    body = _line(*parts.body)
    return _paragraphs(parts.opening, parts.audience, body, parts.required, parts.invitation, parts.link)


def _instagram(parts: _Parts, shape: Shape) -> str:
    if shape.length == "short":
        return _paragraphs(_line(parts.opening, *parts.body), parts.required, parts.hashtags)
    return _paragraphs(parts.prompt, parts.opening, *parts.body, parts.required, parts.invitation, parts.hashtags)


def _linkedin(parts: _Parts, shape: Shape) -> str:
    if shape.length == "short":
        return _paragraphs(parts.opening, *parts.body, parts.required, parts.link, parts.hashtags)
    return _paragraphs(
        parts.opening, parts.audience, *parts.body, parts.required, parts.invitation, parts.link, parts.hashtags
    )


def _x(parts: _Parts, shape: Shape) -> str:
    if shape.length == "short":
        return _paragraphs(_line(parts.opening, parts.required), parts.link)
    return _paragraphs(_line(parts.opening, *parts.body[:1]), parts.required, parts.link)


def _tiktok(parts: _Parts, shape: Shape) -> str:
    if shape.length == "short":
        return _paragraphs(_line(parts.opening, parts.required), parts.hashtags)
    return _paragraphs(parts.prompt, _line(parts.opening, *parts.body[:1]), parts.required, parts.hashtags)


def _youtube(parts: _Parts, shape: Shape) -> str:
    title = f"Title: {_title(parts, shape)}"
    if shape.length == "short":
        return _paragraphs(title, _line(parts.statement, *parts.body), parts.required, parts.link)
    return _paragraphs(
        title, parts.statement, parts.prompt, *parts.body, parts.required, parts.invitation, parts.link, parts.about,
        parts.hashtags,
    )  # fmt: skip


def _email(parts: _Parts, shape: Shape) -> str:
    words: Any = templates("drafts")
    head = f"Subject: {_title(parts, shape)}\nPreheader: {parts.preheader or '[…]'}"
    if shape.length == "short":
        core = _line(parts.statement, *parts.body)
        return _paragraphs(head, words["greeting"], core, parts.required, parts.link, words["farewell"])
    return _paragraphs(
        head, words["greeting"], parts.statement, parts.audience, *parts.body, parts.required, parts.link,
        parts.invitation, words["farewell"], parts.about,
    )  # fmt: skip


def _web(parts: _Parts, shape: Shape) -> str:
    title = f"Title: {_title(parts, shape)}"
    if shape.length == "short":
        return _paragraphs(title, parts.statement, *parts.body, parts.required, parts.link)
    return _paragraphs(
        title, parts.statement, parts.audience, *parts.body, *parts.outline, parts.required, parts.invitation, parts.link,
        parts.about,
    )  # fmt: skip


def _title(parts: _Parts, shape: Shape) -> str:
    """The question, where the text opens with one that fits a subject line; else the angle's title."""
    if shape.opening == "question" and 0 < len(parts.opening) <= 100:
        return parts.opening
    return parts.title or "[…]"


_WITHOUT_LINKS = frozenset({Platform.INSTAGRAM, Platform.TIKTOK})
"""Captions there show a link as plain text."""
_VIDEO = frozenset({Platform.TIKTOK, Platform.YOUTUBE})
_HASHTAGS = {Platform.INSTAGRAM: 5, Platform.LINKEDIN: 3, Platform.TIKTOK: 3, Platform.YOUTUBE: 3}
_LAYOUTS: dict[Platform, Callable[[_Parts, Shape], str]] = {
    Platform.FACEBOOK: _facebook,
    Platform.INSTAGRAM: _instagram,
    Platform.LINKEDIN: _linkedin,
    Platform.X: _x,
    Platform.TIKTOK: _tiktok,
    Platform.YOUTUBE: _youtube,
    Platform.EMAIL: _email,
    Platform.WEB: _web,
}
