"""Candidates for competitors: accounts tagged, sites linked, and names that stand in one sentence with the brand's own.

Only what has the closed form of a handle, a host or capitalised words leaves a text; nothing else of it is kept. Whether
a candidate is a competitor, a partner or a tool is for a person to say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from models.domain.rival import RivalSource
from models.insight.prose import VoicePost
from models.insight.words import lexicons

LEAST_POSTS = 3
"""Posts in which a candidate must stand, own or competitors' together."""
MOST = 15
_HANDLE = re.compile(r"(?<![\w./@])@([A-Za-z][A-Za-z0-9_.]{2,29})\b(?!\.[a-z]{2,})")
_HOST = re.compile(r"https?://(?:www\.)?([a-z0-9-]{1,40}(?:\.[a-z0-9-]{1,40}){1,3})(?=[/\s)\"'>]|$)", re.IGNORECASE)
_NAME = re.compile(r"\b[A-Z][\w&]+(?: (?:of|and|&|the|for) (?=[A-Z])| [A-Z][\w&]+){1,4}")
_EVERYBODY = re.compile(
    r"(?:^|\.)(?:facebook|fb|instagram|twitter|t|x|youtube|youtu|linkedin|tiktok|bit|goo|tinyurl|google|wikipedia|github|apple"
    r"|amazon|medium|spotify|vimeo|eventbrite|surveymonkey|mailchimp|wordpress|blogspot|githubusercontent|archive|imgur|giphy"
    r"|localhost|example|npmjs|w3|stackoverflow|discord|slack|zoom|cloudfront|amazonaws|nyti|on|n|wp|ow)\.(?:\w{2,6})(?:\.\w{2})?$"
)
"""Hosts that everybody links: networks, shorteners, tools."""


def find_candidates(
    own: Sequence[VoicePost], others: Sequence[VoicePost], *, brand: Iterable[str], known: Iterable[str]
) -> list[tuple[str, RivalSource]]:
    """(name, kind) of candidates, those in most posts first. `brand` are names of the brand, `known` tracked competitors.

    A candidate stands in posts of the brand, or of two competitors: what one competitor alone tags is its own people.
    Names count from one competitor, because they stand beside the brand's.
    """
    mine = {_plain(name) for name in brand if _plain(name)}
    tracked = {_plain(name) for name in known if _plain(name)}
    counts: Counter[tuple[str, RivalSource]] = Counter()
    spelled: dict[tuple[str, RivalSource], Counter[str]] = {}
    voices: dict[tuple[str, RivalSource], set[str]] = {}
    for post in own:
        _count(set(_handles_and_hosts(post.text)), "", counts, spelled, voices)
    for post in others:
        found = set(_handles_and_hosts(post.text))
        found |= {(name, RivalSource.NAME) for name in _beside(post, mine)}
        _count(found, f"{post.platform}/{post.account_id}", counts, spelled, voices)
    taken = mine | tracked
    kept = [
        key
        for key, count in counts.items()
        if count >= LEAST_POSTS
        and ("" in voices[key] or len(voices[key]) > 1 or key[1] is RivalSource.NAME)
        and not any(_same(key[0], name) for name in taken)
    ]
    ordered = sorted(kept, key=lambda key: (-counts[key], key[1], key[0]))[:MOST]
    return [(min(spelled[key], key=lambda s: (-spelled[key][s], s)), key[1]) for key in ordered]


def _count(
    found: Iterable[tuple[str, RivalSource]], voice: str, counts: Counter[tuple[str, RivalSource]],
    spelled: dict[tuple[str, RivalSource], Counter[str]], voices: dict[tuple[str, RivalSource], set[str]],
) -> None:  # fmt: skip
    """Counts one post of a voice; the brand's own voice is empty."""
    for name, source in found:
        key = (name.lower(), source)
        counts[key] += 1
        spelled.setdefault(key, Counter())[name] += 1
        voices.setdefault(key, set()).add(voice)


def _handles_and_hosts(text: str) -> Iterator[tuple[str, RivalSource]]:
    for handle in _HANDLE.findall(text):
        yield handle.rstrip("."), RivalSource.HANDLE
    for host in _HOST.findall(text):
        if not _EVERYBODY.search(host.lower()):
            yield host.lower(), RivalSource.SITE


def _beside(post: VoicePost, brand: set[str]) -> Iterator[str]:
    """Names of two words or more that share a sentence with the brand's name."""
    generic = lexicons()[0].generic | lexicons()[0].function
    for sentence in post.prose.sentences:
        if not any(name in _plain(sentence) for name in brand if len(name) > 2):
            continue
        for found in _NAME.findall(sentence):
            words = [word for word in found.split() if word.lower() not in generic]
            if len(words) >= 2 and not any(name in _plain(found) for name in brand):
                yield found.strip()


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", name.lower())


def _same(candidate: str, name: str) -> bool:
    """Whether a handle or host is one that is known: equal, or its host's first labels are."""
    shown = _plain(candidate)
    return shown == name or (len(name) > 2 and name in {_plain(part) for part in candidate.split(".")})
