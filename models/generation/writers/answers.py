"""The shapes that a model fills. Bounds are checked after the answer again, since providers do not enforce them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.fields import FieldInfo

Sentence = Annotated[str, Field(max_length=600)]
Dimension = Literal["opening", "length", "angle", "call_to_action"]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


A = TypeVar("A", bound=_Answer)


def keyed(answer: type[A], items: str, key: str, keys: Sequence[str], *, least: int) -> type[A]:
    """The shape of `answer` with what one request offers told in its schema: the keys that an item of `items` may have, and
    how many items are wanted at least.

    Providers that hold a model to the schema then get no other. Elsewhere an answer with another key is still an answer:
    its writer judges it.
    """
    listed = answer.model_fields[items]
    item: type[BaseModel] = get_args(listed.annotation)[0]
    told = item.model_fields[key]
    narrowed: Any = {
        key: (str, Field(max_length=_most(told), description=told.description, json_schema_extra={"enum": list(keys)}))
    }
    one: Any = create_model(item.__name__, __base__=item, **narrowed)
    whole: Any = {items: (list[one], Field(max_length=_most(listed), json_schema_extra={"minItems": least}))}
    made: type[A] = create_model(answer.__name__, __base__=answer, **whole)
    return made


def _most(field: FieldInfo) -> int:
    return next(int(rule.max_length) for rule in field.metadata if hasattr(rule, "max_length"))


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


class PointAnswer(_Answer):
    point: str = Field(max_length=8, description="Key of the point, such as s1.")
    sentences: list[Sentence] = Field(max_length=4)


class SummaryAnswer(_Answer):
    points: list[PointAnswer] = Field(max_length=8)


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
