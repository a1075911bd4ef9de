"""What a brand says of itself, found by rule: each statement is a sentence of its own pages or posts, and nothing else.

A statement is taken when its wording says what it is about (`_SAYS`, English with some German). Nothing is concluded;
what was not found is named.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.domain.brand_study import BusinessProfile, Statement, StatementKind
from models.domain.site import BrandSource
from models.insight.documents import read_documents
from models.insight.prose import Prose, one_line, words_of

WRITER = "rule-based-profile-1"
MOST_OF_A_KIND = 4
_LENGTH = (4, 45)
"""Words of a sentence that can be a statement."""
MOST_KEYPHRASES = 12

_PEOPLE = (
    r"customers?|clients?|people|famil(?:y|ies)|teams?|compan(?:y|ies)|business(?:es)?|agenc(?:y|ies)|developers?|readers?"
    r"|students?|owners?|founders?|organi[sz]ations?|teachers?|parents?|children|travell?ers|public|citizens|users|makers"
    r"|beginners|professionals|communities|schools|brands|shops|Kunden|Unternehmen|Familien|Menschen"
)
_WE = r"(?:we|{name})"
_SAYS: tuple[tuple[StatementKind, str], ...] = (
    (StatementKind.WHAT, _WE + r"(?:’re|'re| are| is|,? [^.]{{0,40}}?,? (?:is|are)) (?:an?|the|part of|one of)\b"),
    (StatementKind.WHAT, r"^(?:wir sind|{name} ist) (?:ein|eine|der|die|das)\b"),
    (StatementKind.OFFER, _WE + r"(?:’ve|'ve)? (?:also )?(?:offers?|provides?|sells?|delivers?|builds?|makes?(?! sure)|produces?|teach(?:es)?|rents?|publish(?:es)?|designs?|crafts?|bakes?|ships?|runs?|organi[sz]es?)\b"),
    (StatementKind.OFFER, r"\bour (?:services|products|courses|tours|programs|programmes|range|work) (?:includes?|covers?|are|is)\b"),
    (StatementKind.OFFER, r"^(?:wir|{name}) (?:bieten|bietet|verkaufen|verkauft|liefern|liefert|bauen|baut)\b"),
    (StatementKind.AUDIENCE, _WE + r" (?:[a-z]+ )?(?:helps?|serves?|supports?|works? with|partners? with|empowers?|helfen|hilft)\b[^.]{{0,60}}\b(?:" + _PEOPLE + r")\b"),
    (StatementKind.AUDIENCE, r"\b(?:made|built|designed|meant|written|perfect|für|for) (?:for )?(?:[\w-]+ ){{0,3}}(?:" + _PEOPLE + r")\b[^?]*$"),
    (StatementKind.POSITIONING, r"\b(?:our (?:mission|vision|purpose|goal|promise)|we believe|unlike (?:other|most)|what (?:makes|sets) us|(?:we|{name})(?: are|’re|'re| is) (?:the (?:only|first|leading|largest|oldest)|committed|dedicated|independent)|family[- ]owned|unsere mission|wir glauben)\b"),
    (StatementKind.PLACE, r"\b(?:(?:we|{name})[^.]{{0,60}})?\b(?:based|headquartered|located|at home|mit Sitz) in (?-i:[A-ZÄÖÜ])\w+"),
)  # fmt: skip
_FIELDS: tuple[tuple[str, StatementKind], ...] = (
    ("structured data, name", StatementKind.NAME),
    ("site name", StatementKind.NAME),
    ("structured data, description", StatementKind.WHAT),
    ("structured data, slogan", StatementKind.POSITIONING),
    ("structured data, areaServed", StatementKind.PLACE),
    ("structured data, address", StatementKind.PLACE),
    ("structured data, knowsAbout", StatementKind.OFFER),
)


@dataclass(frozen=True)
class _Found:
    """A candidate with what ranks it: told fields before text, pages before posts, then how many sources say it."""

    statement: Statement
    told: bool
    page: bool
    order: int


def study_business(workspace_id: str, name: str, sources: Sequence[BrandSource]) -> BusinessProfile:
    """The profile from the brand's pages and posts, pages first, posts newest first. `name` is the workspace's own name."""
    found = [candidate for order, source in enumerate(sources) for candidate in _candidates(source, name, order)]
    said = Counter((c.statement.kind, c.statement.quote.casefold()) for c in found)
    chosen: list[Statement] = []
    for kind in StatementKind:
        ranked = sorted(
            (c for c in found if c.statement.kind is kind),
            key=lambda c: (not c.told, not c.page, -said[(kind, c.statement.quote.casefold())], c.order),
        )
        distinct = {c.statement.quote.casefold(): c.statement for c in reversed(ranked)}
        chosen += list(reversed(distinct.values()))[: 1 if kind is StatementKind.NAME else MOST_OF_A_KIND]
    missing = [kind.missing for kind in StatementKind if all(s.kind is not kind for s in chosen)]
    pages = [source for source in sources if source.page]
    posts = len(sources) - len(pages)
    return BusinessProfile(
        workspace_id=workspace_id,
        writer=WRITER,
        statements=tuple(s for s in chosen if verified(s, sources)),
        keyphrases=_keyphrases(pages or sources),
        links=tuple(dict.fromkeys(link for source in sources for link in source.links))[:20],
        languages=tuple(dict.fromkeys(code for source in sources for code in source.languages))[:10],
        sources=(*(page.id for page in pages), *((f"{posts} own posts",) if posts else ())),
        missing=tuple(missing),
    )


def verified(statement: Statement, sources: Sequence[BrandSource]) -> bool:
    """Whether the quotation stands word for word in one part of the source it names."""
    quote = one_line(statement.quote)
    return len(quote) > 1 and any(
        quote in one_line(text) for source in sources if source.id == statement.source for _, text in source.parts
    )


def _candidates(source: BrandSource, name: str, order: int) -> Iterator[_Found]:
    patterns = _patterns(name)
    for where, text in source.parts:
        for field, kind in _FIELDS:
            if where == field:
                yield _found(kind, text, source, where, order, told=True)
        if where == "description":
            yield _found(StatementKind.WHAT, text, source, where, order, told=order == 0)
        if where.startswith("structured") or where in ("title", "site name"):
            continue
        for sentence in Prose(text).sentences:
            quote = one_line(sentence)
            if not _LENGTH[0] <= len(words_of(quote)) <= _LENGTH[1] or not _plain(quote, text):
                continue
            for kind, pattern in patterns:
                if pattern.search(quote) and (source.page or _of_the_brand(kind, quote, name)):
                    yield _found(kind, quote, source, where, order)


def _found(
    kind: StatementKind, text: str, source: BrandSource, where: str, order: int, *, told: bool = False
) -> _Found:
    quote = one_line(text)
    return _Found(
        Statement(kind=kind, text=quote, quote=quote, source=source.id, where=where), told, source.page, order
    )


def _plain(quote: str, text: str) -> bool:
    """Whether a sentence is the brand's own statement: whole, no question, no one else's words, word for word in the text."""
    whole = quote[-1] in ".!…" and (quote[0].isupper() or quote[0].isdigit())
    return whole and not any(mark in quote for mark in '"“”«»„?') and quote in one_line(text)


def _of_the_brand(kind: StatementKind, quote: str, name: str) -> bool:
    """Whether a sentence of a post, which tells of many things, has the brand itself as its subject, now."""
    called = re.escape(name)
    if kind in (StatementKind.WHAT, StatementKind.PLACE):
        subject = rf"(?:The )?{called}(?: is|,)"
    else:
        subject = rf"(?:(?:The |At )?{called}|We|Our)\b"
    past = re.search(r"\b(?:was|were|had|did|\w+ed (?:on|to|in))\b", quote)
    return re.match(subject, quote, re.IGNORECASE) is not None and past is None


def _patterns(name: str) -> list[tuple[StatementKind, re.Pattern[str]]]:
    called = re.escape(name)
    return [
        (kind, re.compile(r"(?<!\w)" * (not text.startswith(("^", r"\b"))) + text.format(name=called), re.IGNORECASE))
        for kind, text in _SAYS
    ]


def _keyphrases(sources: Sequence[BrandSource]) -> tuple[str, ...]:
    """Words and phrases that several sources, or one of a few, are about; phrases before their words."""
    texts = [
        "\n".join(text for where, text in source.parts if not where.startswith("structured")) for source in sources
    ]
    readings, usage = read_documents((text, ()) for text in texts)
    counts: Counter[str] = Counter()
    for reading in readings:
        counts.update({term: min(said, 5) for term, said in reading.terms.items()})
    least = 2 if len(sources) < 20 else max(3, len(sources) // 20)
    kept = {
        term: count * (2 if " " in term else 1)
        for term, count in counts.items()
        if count >= least and all(not usage.is_generic(word) and len(word) > 2 for word in term.split())
        and (" " in term or usage.is_topical(term))
    }  # fmt: skip
    chosen: list[str] = []
    for term in sorted(kept, key=lambda t: (-kept[t], t)):
        if not any(term in other.split() or term in other for other in chosen):
            chosen.append(term)
        if len(chosen) == MOST_KEYPHRASES:
            break
    return tuple(chosen)
