"""Texts of the synthetic brand: eight topics of an outdoor-gear maker that does not exist."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SampleTopic:
    """`effect` multiplies the final engagement of the topic's posts: the truth that a strategy should find."""

    name: str
    effect: float
    hashtags: tuple[str, ...]
    sentences: tuple[str, ...]


TOPICS = (
    SampleTopic("gear repair", 1.7, ("repair", "gearcare"), (
        "A torn sleeve is not the end of a jacket: our repair bench sews a patch in {n} minutes.",
        "Bring your zip, keep your jacket. Free zipper repair on Saturday at the workshop.",
        "How to patch a sleeping mat: clean, glue, press, wait {n} minutes. Repair beats replace.",
        "Our repair team fixed {n} jackets this week. The oldest was bought before we had a website.",
        "Sewing kit, tape, spare buckle: the repair pouch we carry on every tour.",
    )),
    SampleTopic("trail running", 1.25, ("trailrunning", "trails"), (
        "{n} kilometres of trail before breakfast. What do you carry on a short run?",
        "Trail running shoes after {n} weeks of mud: what wears out first, and what does not.",
        "Downhill technique in three steps: short strides, loose arms, eyes on the trail.",
        "Our trail running vest now holds {n} millilitres more and bounces less.",
        "A quiet trail, a loud heart. Sunday run with the team.",
    )),
    SampleTopic("hut tours", 1.35, ("hiking", "huttour"), (
        "Three days from hut to hut: the packing list fits into {n} litres.",
        "Hut tour for beginners: how to book, what to pay, when to leave.",
        "The last hut before the pass serves soup until {n} o'clock. We checked.",
        "Blisters on a hut tour? Tape early, change socks at noon, dry boots at night.",
        "From the hut door to the summit in {n} minutes, if the fog lets you.",
    )),
    SampleTopic("winter layers", 1.0, ("layering", "winter"), (
        "Base layer, mid layer, shell: what each layer does at minus {n} degrees.",
        "Wool or synthetic? A base layer test over {n} winter days.",
        "Your shell leaks at the shoulders? Wash it, dry it warm, wax it again.",
        "Cold hands ruin good tours: liner gloves under mittens, always.",
        "Winter layers for the bike commute: warm without sweating after {n} minutes.",
    )),
    SampleTopic("bikepacking", 1.1, ("bikepacking", "gravel"), (
        "Bikepacking for one night: {n} kilograms, two bags, no stress.",
        "Gravel in the morning, lake at noon, tent at night. A bikepacking loop for you.",
        "How we pack a handlebar bag so that it does not swing.",
        "Tyres for a bikepacking tour: why wider was faster over {n} kilometres.",
        "The frame bag comes in {n} sizes now. Measure before you order.",
    )),
    SampleTopic("tent life", 0.9, ("camping", "tent"), (
        "Pitch your tent with its back to the wind. The rest is comfort.",
        "Condensation in the tent: open both vents, even when it rains.",
        "Our two-person tent weighs {n} grams less this year. Same floor, same fly.",
        "Camping stove at {n} metres: why your coffee takes longer.",
        "A tent dries in an hour, a wet tent in a bag never does.",
    )),
    SampleTopic("climbing basics", 0.8, ("climbing", "bouldering"), (
        "Check your partner, check your knot. Climbing starts on the ground.",
        "Rope care in {n} steps: wash cold, dry flat, never in the sun.",
        "First time on rock? {n} quickdraws are enough for most routes.",
        "Climbing shoes may be tight, they must not hurt.",
        "Resoling climbing shoes costs a third of a new pair.",
    )),
    SampleTopic("nature protection", 0.65, ("conservation", "leavenotrace"), (
        "We closed the shop for a day and cleared {n} kilograms of litter from the river.",
        "Stay on the path in spring: ground-nesting birds need {n} quiet weeks.",
        "One percent of every order goes to the peat bog. Here is what it paid for.",
        "Leave no trace: what to do with orange peel, and why it matters.",
        "Protected area, open gate: please close it behind you.",
    )),
)  # fmt: skip

COMPETITOR_ARTICLES = (
    (
        "Layering guide",
        "winter layers",
        "Base layer, mid layer and shell explained, with a table for every temperature.",
    ),
    (
        "Down jackets compared",
        "winter layers",
        "Fill power, weight and price of our down jackets for the winter season.",
    ),
    ("Rope care", "climbing basics", "How to wash, dry and retire a climbing rope, and how to spot damage early."),
    ("Bouldering at home", "climbing basics", "A small bouldering wall for the garage: wood, holds, mats and angles."),
    ("Best campsites by a lake", "tent life", "Quiet campsites with room for a tent, a canoe and a long evening."),
    ("Tent pitching in wind", "tent life", "Which tent shapes hold in strong wind, and where the pegs go."),
    ("Ski touring first steps", "ski touring", "Skins, bindings and avalanche courses for a first ski touring season."),
    ("Ski wax explained", "ski touring", "Which wax for which snow, and how often ski touring skins need care."),
)

ARTICLES = (
    ("why-we-repair", "gear repair", "Why we repair before we sell",
     "Every jacket that comes back is opened, cleaned and repaired if it can be. A repair costs a fifth of a new jacket "
     "and keeps the fabric in use. This page shows what our repair bench does, and what you can do at home."),
    ("zipper-repair-at-home", "gear repair", "Repair a zipper at home",
     "Most zippers fail at the slider, not at the teeth. With pliers and a new slider the repair takes ten minutes."),
    ("hut-tour-packing-list", "hut tours", "A packing list for three days from hut to hut",
     "A hut tour needs less than you think: one change of clothes, a sleeping bag liner, rain gear and a head torch."),
    ("first-hut-tour", "hut tours", "Your first hut tour",
     "Book early, start early, and plan the longest day second. The hut warden knows the weather better than any app."),
    ("trail-running-in-autumn", "trail running", "Trail running in autumn",
     "Leaves hide roots. On the trail shorten your stride, run with a light, and carry a wind jacket."),
    ("bikepacking-one-night", "bikepacking", "Bikepacking for one night",
     "One night out needs two bags and a plan for rain. Our bikepacking list fits on one page."),
    ("dry-tent", "tent life", "How to keep a tent dry inside",
     "Warm breath meets a cold fly and turns to water. Open the vents of the tent, even in the rain."),
    ("peat-bog-report", "nature protection", "What one percent paid for",
     "The peat bog has new dams and more cranes. This is the conservation report of the year, with every invoice."),
)  # fmt: skip
