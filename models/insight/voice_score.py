"""How much a text sounds like the brand: character n-grams, and the same with topic words masked.

Each text becomes two vectors of hashed character 2- to 4-grams, tf-idf weighted and of length 1: one of the text, one of
the text with every word outside the language's function words masked letter by letter (text distortion, Stamatatos 2017),
which keeps rhythm, punctuation and casing and drops the topic. Both are centred on the mean of the impostors (competitors'
posts); the score is the mean of the two cosines with the brand's centre. It is calibrated to a percentile of the brand's
own posts that the scorer had not seen, and judged on impostor accounts that it had not seen. Deterministic; numpy only.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from models.domain.brand_study import VoiceFit
from models.insight.prose import Prose, VoicePost
from models.insight.words import lexicons

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

BUCKETS = 4096
_SIZES = (2, 3, 4)
FOLDS = 5
LEAST_OWN = 40
LEAST_OTHERS = 40
"""Posts with words, of the brand and of others, below which no score is given: a percentile of fewer says nothing."""
LEAST_AUC = 0.6
"""A scorer that tells unseen posts apart less often is not used."""
LEAST_WORDS = 5
"""Words below which a text cannot be scored."""
_PIECE_WORDS, _PIECES = 80, 3
"""A long post is compared as up to three runs of whole sentences of some 80 words each."""
_QUANTILES = 101
_RUN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class Scorer:
    """A fitted scorer. `idf`, `middle` (the impostors' mean) and `centre` (the brand's) have a row a channel."""

    language: str
    idf: Array
    middle: Array
    centre: Array
    own: Array
    """Quantiles 0, 1 … 100 of the brand's own scores, each from a scorer that had not seen the post."""

    def percentile(self, text: str) -> float | None:
        """Share (0–100) of the brand's own unseen pieces that sound less like the brand; None for too short a text."""
        import numpy as np

        pieces = Prose(text).pieces(_PIECE_WORDS, _PIECES)
        if len(Prose(text).words) < LEAST_WORDS or not pieces:
            return None
        score = float(_scores(_counts(pieces, self.language), self.idf, self.middle, self.centre).mean())
        return round(float(np.interp(score, self.own, np.linspace(0, 100, _QUANTILES))), 1)

    def pack(self) -> str:
        """As text, in half precision."""
        import numpy as np

        parts = np.concatenate([part.ravel() for part in (self.idf, self.middle, self.centre, self.own)])
        return f"{self.language}:" + base64.b64encode(zlib.compress(parts.astype(np.float16).tobytes(), 9)).decode()


def unpack(packed: str) -> Scorer:
    """The scorer that `pack` wrote."""
    import numpy as np

    language, _, data = packed.partition(":")
    parts = np.frombuffer(zlib.decompress(base64.b64decode(data)), dtype=np.float16).astype(np.float32)
    idf, middle, centre = parts[: 6 * BUCKETS].reshape(3, 2, BUCKETS)
    return Scorer(language, idf, middle, centre, parts[6 * BUCKETS :])


def fit(own: Sequence[VoicePost], others: Sequence[VoicePost], language: str) -> tuple[VoiceFit | None, str]:
    """The scorer with its accuracy on unseen posts, or None and the reason why there is none.

    `own` in order of time: folds are spans of time, so a series of like posts is not on both sides. Impostor accounts are
    spread over the folds, so that those of a fold are unknown to its scorer where there are two or more.
    """
    import numpy as np

    mine = [(index, piece) for index, post in enumerate(own) for piece in _pieces(post)]
    theirs = [((post.platform, post.account_id), piece) for post in others for piece in _pieces(post)]
    own_posts = len({index for index, _ in mine})
    if own_posts < LEAST_OWN:
        return None, f"{own_posts} own posts with words are known; a voice score takes {LEAST_OWN}."
    if len(theirs) < LEAST_OTHERS:
        return None, (
            f"{len(theirs)} pieces of competitors' posts are known; a voice score takes {LEAST_OTHERS} to compare with: "
            "track a competitor."
        )
    mine_counts = _counts([piece for _, piece in mine], language)
    their_counts = _counts([piece for _, piece in theirs], language)
    mine_fold = np.array([index * FOLDS // len(own) for index, _ in mine])
    accounts = sorted({account for account, _ in theirs})
    place = {account: index % FOLDS for index, account in enumerate(accounts)}
    several = len(accounts) > 1
    their_fold = np.array([place[account] if several else index % FOLDS for index, (account, _) in enumerate(theirs)])
    own_scores = np.zeros(len(mine), dtype=np.float32)
    singles, fives, masks = [], [], []
    for fold in range(FOLDS):
        mine_out, their_out = mine_fold == fold, their_fold == (fold % min(FOLDS, len(accounts)) if several else fold)
        if not mine_out.any():
            continue
        parts = _fitted(mine_counts[:, ~mine_out], their_counts[:, ~their_out])
        kept, against = _scores(mine_counts[:, mine_out], *parts), _scores(their_counts[:, their_out], *parts)
        both, other = kept.mean(axis=0), against.mean(axis=0)
        singles.append(auc(both, other))
        masks.append(auc(kept[1], against[1]))
        # The percentile compares with scores of the final scorer's kind: all impostors in, the post itself out.
        whole = _fitted(mine_counts[:, ~mine_out], their_counts)
        own_scores[mine_out] = _scores(mine_counts[:, mine_out], *whole).mean(axis=0)
        if len(both) >= 10 and len(other) >= 10:
            fives.append(auc(_grouped(both, 5), _grouped(other, 5)))
    if _mean(singles) < LEAST_AUC:
        return None, (
            f"The brand's posts cannot be told from competitors' by their writing: a post of the brand scores higher in "
            f"{_mean(singles):.0%} of pairs, and chance gives {0.5:.0%}."
        )
    idf, middle, centre = _fitted(mine_counts, their_counts)
    quantiles = np.quantile(own_scores, np.linspace(0, 1, _QUANTILES)).astype(np.float32)
    scorer = Scorer(language, idf, middle, centre, quantiles)
    return VoiceFit(
        own_posts=own_posts, other_posts=len(theirs), other_accounts=len(accounts), single=_mean(singles),
        five=_mean(fives) if fives else None, masked=_mean(masks), model=scorer.pack(),
    ), ""  # fmt: skip


def _pieces(post: VoicePost) -> list[str]:
    return [] if len(post.prose.words) < LEAST_WORDS else post.prose.pieces(_PIECE_WORDS, _PIECES)


def auc(own: Any, others: Any) -> float:
    """Chance that an own score lies above another's, ties counting half (Mann–Whitney)."""
    import numpy as np

    ordered = np.sort(others)
    below, upto = np.searchsorted(ordered, own, "left"), np.searchsorted(ordered, own, "right")
    return float((below + upto).mean() / 2 / len(ordered))


def masked(text: str, function_words: frozenset[str]) -> str:
    """The text with each letter of a word outside `function_words` as `*` (`X` for a capital) and each digit as `#`."""

    def hide(found: re.Match[str]) -> str:
        word = found[0]
        if word.lower().replace("’", "'").split("'")[0] in function_words:
            return word
        return "".join(map(_shape, word))

    return _DIGIT.sub("#", _RUN.sub(hide, text))


def _shape(char: str) -> str:
    return "X" if char.isupper() else "*" if char.isalpha() else char


@lru_cache(maxsize=8)
def _function_words(language: str) -> frozenset[str]:
    known = {lexicon.language: lexicon.function for lexicon in lexicons()}
    return known.get(language, frozenset())


def _counts(pieces: Sequence[str], language: str) -> Array:
    """Log-scaled counts of hashed n-grams: channel × piece × bucket."""
    import numpy as np

    function = _function_words(language)
    found = np.zeros((2, len(pieces), BUCKETS), dtype=np.float32)
    for row, piece in enumerate(pieces):
        for channel, version in enumerate((piece, masked(piece, function))):
            found[channel, row] = np.log1p(_hashed(f" {version} "))
    return found


def _hashed(text: str) -> Any:
    """How often each bucket is met by the 2- to 4-grams of a text."""
    import numpy as np

    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    total = np.zeros(BUCKETS, dtype=np.float32)
    for size in _SIZES:
        if len(codes) < size:
            continue
        mixed = np.full(len(codes) - size + 1, size, dtype=np.uint64)
        for offset in range(size):
            mixed = (mixed ^ codes[offset : len(codes) - size + 1 + offset]) * np.uint64(0x100000001B3)
            mixed ^= mixed >> np.uint64(29)
        total += np.bincount((mixed % np.uint64(BUCKETS)).astype(np.int64), minlength=BUCKETS)
    return total


def _fitted(own: Array, others: Array) -> tuple[Array, Array, Array]:
    """idf, the impostors' mean and the brand's mean, per channel."""
    import numpy as np

    everything = np.concatenate([own, others], axis=1)
    idf = np.log((1 + everything.shape[1]) / (1 + (everything > 0).sum(axis=1))).astype(np.float32) + 1
    return idf, _unit(others * idf[:, None]).mean(axis=1), _unit(own * idf[:, None]).mean(axis=1)


def _scores(counts: Array, idf: Array, middle: Array, centre: Array) -> Array:
    """Cosine with the brand's centre after centring on the impostors: channel × text."""
    shifted = _unit(_unit(counts * idf[:, None]) - middle[:, None])
    direction = _unit((centre - middle)[:, None])
    found: Array = (shifted * direction).sum(axis=2)
    return found


def _unit(rows: Array) -> Array:
    import numpy as np

    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    unit: Array = (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return unit


def _grouped(scores: Any, size: int) -> Any:
    """Means of every `size` scores in turn; what is left over is dropped."""
    whole = len(scores) // size * size
    return scores[:whole].reshape(-1, size).mean(axis=1)


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 4)
