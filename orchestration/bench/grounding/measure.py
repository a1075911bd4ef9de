"""`fabric bench grounding`: how many single errors the number checker catches, and how many true texts it blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

from orchestration.bench.grounding.errors import ON_TEMPLATES, ON_TEXTS
from orchestration.bench.grounding.texts import HALVES, Half, Text, clean_texts

ROUNDS = 6
"""How often an injection is tried on each text of its half."""


@dataclass(frozen=True)
class Injected:
    """One error: what it was put into, and what came of it. `made` is a template for errors in placeholders."""

    kind: str
    text: Text
    made: str
    caught: bool


@dataclass
class Tally:
    """`table` has one row per kind: injected and caught, and the same of the held-out half."""

    texts: int
    blocked: dict[str, int]
    injected: int
    caught: int
    table: dict[str, dict[str, int]]
    held_out: dict[str, float] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)


def measure(texts: int = 500, errors: int = 2_000, *, log: Callable[[str], None] = lambda _: None) -> Tally:
    """Judges the clean texts, then the errors put into them, evenly over kinds and halves as far as they apply."""
    log(f"Writing {texts:,} true texts…")
    clean = clean_texts(texts)
    blocked: dict[str, int] = {half: sum(is_blocked(t) for t in clean if t.half == half) for half in HALVES}
    log(f"Putting {errors:,} errors into them…")
    injected = inject(clean, errors)
    table: dict[str, dict[str, int]] = {}
    for kind in (*ON_TEXTS, *ON_TEMPLATES):
        rows = [item for item in injected if item.kind == kind]
        late = [item for item in rows if item.text.half == "held_out"]
        table[kind] = {
            "injected": len(rows), "caught": sum(item.caught for item in rows),
            "held_out_injected": len(late), "held_out_caught": sum(item.caught for item in late),
        }  # fmt: skip
    caught = sum(item.caught for item in injected)
    late = [item for item in injected if item.text.half == "held_out"]
    counts = Counter(text.half for text in clean)
    return Tally(
        texts=len(clean),
        blocked={**blocked, "both": sum(blocked.values())},
        injected=len(injected),
        caught=caught,
        table=table,
        held_out={
            "caught_share": _share(sum(item.caught for item in late), len(late)),
            "blocked_share": _share(blocked["held_out"], counts["held_out"]),
        },
        shares={
            "caught_share": _share(caught, len(injected)),
            "blocked_share": _share(sum(blocked.values()), len(clean)),
        },
    )


def is_blocked(text: Text) -> bool:
    """Whether a true text is refused, as it stands or as the template that it was filled from."""
    return bool(text.refused()) or (text.template is not None and bool(text.claim_refused(text.template)))


def inject(clean: list[Text], errors: int) -> list[Injected]:
    """The errors in a fixed order of kinds and halves, each text and error once; fewer when they run out."""
    sources = [(kind, half, _tries(kind, half, clean)) for kind in (*ON_TEXTS, *ON_TEMPLATES) for half in HALVES]
    made: list[Injected] = []
    while sources and len(made) < errors:
        for source in list(sources):
            kind, _, tries = source
            item = next(tries, None)
            if item is None:
                sources.remove(source)
            elif len(made) < errors:
                text, wrong = item
                found = text.claim_refused(wrong) if kind in ON_TEMPLATES else text.refused(wrong)
                made.append(Injected(kind, text, wrong, bool(found)))
    return made


def _tries(kind: str, half: Half, clean: list[Text]) -> Iterator[tuple[Text, str]]:
    random = Random(f"{kind} {half}")
    mine = [text for text in clean if text.half == half]
    injection = (ON_TEXTS | ON_TEMPLATES)[kind]
    seen = {text.text for text in mine} | {text.template for text in mine}
    for _ in range(ROUNDS):
        random.shuffle(mine)
        for text in mine:
            wrong = injection(text, random)
            if wrong is not None and wrong not in seen:
                seen.add(wrong)
                yield text, wrong


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
