"""The shapes that a model fills. Bounds are checked after the answer again, since providers do not enforce them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Sentence = Annotated[str, Field(max_length=600)]
Dimension = Literal["opening", "length", "angle", "call_to_action"]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PillarAnswer(_Answer):
    topic: str = Field(max_length=8, description="Key of the topic, such as t1.")
    title: str = Field(max_length=80)
    about: Sentence
    rationale: list[Sentence] = Field(max_length=4)


class PillarsAnswer(_Answer):
    pillars: list[PillarAnswer] = Field(max_length=6)


class RoleAnswer(_Answer):
    platform: str = Field(max_length=8, description="Key of the platform, such as p1.")
    role: str = Field(max_length=120)
    rationale: list[Sentence] = Field(max_length=4)


class RolesAnswer(_Answer):
    roles: list[RoleAnswer] = Field(max_length=12)


class SummaryAnswer(_Answer):
    sentences: list[Sentence] = Field(max_length=8)


class BriefAnswer(_Answer):
    entry: str = Field(max_length=8, description="Key of the post, such as e1.")
    brief: str = Field(max_length=500)


class BriefsAnswer(_Answer):
    briefs: list[BriefAnswer] = Field(max_length=20)


class VariantAnswer(_Answer):
    dimension: Dimension
    text: str = Field(max_length=10_000)


class PostAnswer(_Answer):
    """For platforms that take one text."""

    text: str = Field(max_length=10_000)
    variants: list[VariantAnswer] = Field(max_length=4)


class TitledVariant(VariantAnswer):
    title: str = Field(max_length=200)


class TitledAnswer(_Answer):
    """For YouTube and the blog."""

    title: str = Field(max_length=200)
    text: str = Field(max_length=10_000)
    variants: list[TitledVariant] = Field(max_length=4)


class MailVariant(VariantAnswer):
    subject: str = Field(max_length=200)
    preheader: str = Field(max_length=200)


class MailAnswer(_Answer):
    subject: str = Field(max_length=200)
    preheader: str = Field(max_length=200)
    text: str = Field(max_length=10_000)
    variants: list[MailVariant] = Field(max_length=4)
