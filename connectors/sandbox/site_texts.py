"""Articles of makers that do not exist: sentences drawn from word lists, so that no two articles share their wording."""

from __future__ import annotations

import random

AUTHORS = ("Ines Falk", "Tomas Brandl", "Ruth Okafor", "Jonas Lindqvist")

TOPICS = ("boots", "tents", "huts", "trails", "layers")

_WHO = (
    "a hut warden in the eastern valleys", "our test team", "two readers from the coast", "the rescue service",
    "a retired cartographer", "the women who run the bakery by the pass", "a class of fourteen pupils",
    "the cobbler who resoles for us", "one guide with thirty seasons behind her", "a surveyor of the forest office",
    "the volunteers of the path association", "a nurse on her first long walk",
)  # fmt: skip
_DID = (
    "spent most of October comparing", "wrote down every fault of", "warned us about", "changed their mind about",
    "measured by hand", "walked eleven days with nothing but", "sent back three samples of", "still swears by",
    "photographed each stage of", "asked for a lighter version of", "slept badly because of", "found a simple fix for",
)  # fmt: skip
_WHAT = {
    "boots": ("a sole glued at low heat", "laces that freeze at dusk", "the stiff heel of the autumn model",
              "a last made for narrow feet", "waxed leather after forty wet days", "the cheaper insole"),
    "tents": ("a flysheet that sags in the rain", "poles bent by one bad gust", "the porch of the two-person model",
              "pegs meant for frozen ground", "seams sealed in the kitchen", "the new inner door"),
    "huts": ("a kitchen that closes at eight", "mattress rooms above the stove", "the winter room with its own key",
             "booking rules nobody reads", "soup for sixty walkers", "a terrace facing the glacier"),
    "trails": ("the ford below the second bridge", "signs painted over by mistake", "a detour past the quarry",
               "the scree slope under the saddle", "an old mule track", "the shortcut through the larches"),
    "layers": ("merino that pills within a month", "a shell without pit zips", "the grid fleece in bright orange",
               "gloves sized for children", "down that clumps when damp", "a hat knitted in one piece"),
}  # fmt: skip
_WHEN = (
    "before the first snow", "while the valley was in fog", "on the way down from the ridge", "after a night of hail",
    "during the busiest weekend of the year", "at minus nine degrees", "between two trains", "once the crowds had gone",
    "with a blister on each heel", "in the week the road was shut", "under a borrowed umbrella", "far from any signal",
)  # fmt: skip
_SO = (
    "which says more than any table of weights", "and nobody at the counter believed it", "so the price was cut by a fifth",
    "although the brochure claims the opposite", "and that is why the pattern was drawn again", "to the surprise of the makers",
    "because comfort is not a number", "and the notes fill a whole drawer", "a lesson we had paid for twice before",
    "which we would not have guessed in spring", "and it still held the next morning", "as the older catalogue had promised",
)  # fmt: skip
_HEADS = (
    "What {n} days taught us about {topic}", "The quiet return of simple {topic}", "{topic}: {n} questions from readers",
    "We were wrong about {topic}", "A buyer's view of {topic} after {n} trips", "Where {topic} go from here",
)  # fmt: skip


def headline(rng: random.Random, topic: str) -> str:
    """A headline about a topic."""
    text = rng.choice(_HEADS).format(n=rng.randrange(3, 40), topic=topic)
    return text[0].upper() + text[1:]


def paragraphs(rng: random.Random, topic: str) -> tuple[str, ...]:
    """Six to nine paragraphs about a topic."""
    return tuple(
        " ".join(_sentence(rng, topic) for _ in range(rng.randrange(3, 6))) for _ in range(rng.randrange(6, 10))
    )


def _sentence(rng: random.Random, topic: str) -> str:
    parts = [rng.choice(_WHO), rng.choice(_DID), rng.choice(_WHAT[topic]), rng.choice(_WHEN)]
    text = " ".join(parts) + f", {rng.choice(_SO)}."
    return text[0].upper() + text[1:]
