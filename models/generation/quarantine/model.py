"""Reads a foreign text with a model: one text a call, no tools, nothing else in the prompt, and every answer is checked.

The model chooses values of closed lists and copies words. Counts, language and signs are made by code. What it copied and
does not stand in the text is dropped; when that is too much, the rules' reading is taken.
"""

from __future__ import annotations

import json
from collections.abc import Collection

from models.domain.ai import Task, TextRequest, Tier
from models.errors import AnswerMalformed, AnswerRefused, AnswerTruncated, ModelError
from models.generation.prompt_files import prompt
from models.generation.quarantine.language import language_of
from models.generation.quarantine.reading import Visible, visible
from models.generation.quarantine.rules import by_rules, counts_of, signs_of
from models.generation.quarantine.schema import Extract, Fallback, Reading
from models.generation.quarantine.verification import Quotable
from models.ports import TextGenerator

MAX_TOKENS = 600
MAX_DROPPED = 3
"""Dropped quotes and keywords above which an answer is not believed at all; also when more than half were dropped."""


def request_for(seen: Visible) -> TextRequest[Reading]:
    """The call for one visible text. The text stands in it as a JSON string, and nothing else that is not fixed."""
    told = prompt("extract")
    return TextRequest(
        task=Task.EXTRACT,
        tier=Tier.DRAFT,
        instructions=told.text,
        prompt=json.dumps({"text": seen.text}, ensure_ascii=False),
        answer=Reading,
        prompt_version=told.version,
        max_tokens=MAX_TOKENS,
        deadline_seconds=30.0,
    )


def read_by_model(raw: str, generator: TextGenerator, *, common: Collection[str] = ()) -> Extract:
    """What a model takes out of a text, checked; the rules' reading, with the reason, when it cannot be used."""
    seen = visible(raw)
    if not seen.text:
        return by_rules(seen, common=common)
    try:
        answer = generator.generate(request_for(seen))
    except AnswerRefused:
        return by_rules(seen, common=common, fallback=Fallback.REFUSED)
    except (AnswerMalformed, AnswerTruncated):
        return by_rules(seen, common=common, fallback=Fallback.MALFORMED)
    except ModelError:
        return by_rules(seen, common=common, fallback=Fallback.NO_MODEL)
    given = answer.value
    if type(given) is not Reading:
        return by_rules(seen, common=common, fallback=Fallback.MALFORMED)
    quotable = Quotable(seen.text, common)
    topics, wrong_topics = quotable.topics(given.topics)
    spans, wrong_spans = quotable.spans([(span.kind, span.text) for span in given.spans])
    dropped = wrong_topics + wrong_spans
    if dropped > MAX_DROPPED or 2 * dropped > len(given.topics) + len(given.spans):
        return by_rules(seen, common=common, fallback=Fallback.UNFAITHFUL, dropped=dropped)
    return Extract(
        format=given.format,
        call_to_action=given.call_to_action,
        tone=given.tone,
        language=language_of(seen.text),
        topics=topics,
        spans=spans,
        counts=counts_of(seen),
        signs=signs_of(seen, quotable),
        reader=f"{answer.provider}/{answer.model}"[:120],
        dropped=dropped,
    )
