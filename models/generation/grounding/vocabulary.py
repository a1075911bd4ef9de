"""The words of claims: comparisons, superlatives, changes, periods; and the set phrases that claim nothing."""

from __future__ import annotations

import re

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def words(*parts: str) -> re.Pattern[str]:
    """One pattern of whole words, longer parts first; a part may be a pattern itself."""
    body = "|".join(sorted(parts, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{body})(?![\w])", re.IGNORECASE)


MORE = words(
    "more", "higher", "greater", "larger", "bigger", "longer", "wider", "above", "better", "stronger", "faster",
    "quicker", "busier", "fuller", "richer", "ahead", "exceed(?:s|ed|ing)?", "outperform(?:s|ed|ing)?",
    "beat(?:s|en|ing)?", "surpass(?:es|ed|ing)?", "outpac(?:e|es|ed|ing)", "outdo(?:es|ne)?", "outstrip(?:s|ped)?",
    "overtak(?:e|es|en|ing)", "overtook", "top(?:s|ped)(?! of)", "lead(?:s|ing)? over", "leads?(?= (?:the brand|us|Facebook|Instagram|LinkedIn|X|TikTok|YouTube|E-?mail|Blog|the blog|e-mail)\\b)", "up from", "stands? out",
    "out in front", "over(?= (?:the|its|their|our|what|that of)\\b (?:middle|median|average|competitors?))", "superior",
    "outrank(?:s|ed)?", "dwarf(?:s|ed)?", "eclips(?:e|es|ed)", "(?<=too )much", "overshadow(?:s|ed)?",
)  # fmt: skip
LESS = words(
    "less", "fewer", "lower", "smaller", "shorter", "narrower", "below", "worse", "weaker", "slower", "behind",
    "trail(?:s|ed|ing)?", "lag(?:s|ged|ging)?(?: behind)?", "(?:fall(?:s|ing)?|fell|stay(?:s|ed|ing)?) behind", "(?:fall(?:s|en|ing)?|fell) short of", "down from", "short of", "underperform(?:s|ed|ing)?", "inferior",
    "quieter", "thinner", "poorer", "beneath", "under(?= (?:the|its|their|our)\\b (?:middle|median|average|competitors?))",
)  # fmt: skip
EQUAL = words(
    "as (?:much|many|often|well|high|large|strong|low) as", "the same (?:as|number|rate|share|pace|rhythm)", "equals?",
    "matche?s", "on (?:a )?par with", "level with", "identical(?: to)?", "neck and neck",
)  # fmt: skip
GROWN = words(
    "grew", "grows", "grown", "growing", "growth", "rose", "risen", "rises", "rising", "increas(?:e|es|ed|ing)",
    "climb(?:s|ed|ing)?", "gain(?:s|ed|ing)", "improv(?:es|ed|ing|ement|ements)", "up by", "jump(?:s|ed|ing)",
    "surg(?:e|es|ed|ing)", "soar(?:s|ed|ing)?", "doubl(?:e|es|ed|ing)", "tripl(?:e|es|ed|ing)", "quadrupl(?:e|es|ed|ing)",
    "boosted", "raised", "rais(?:e|es|ing)", "upturn", "uptick", "accelerat(?:es|ed|ing)", "expanded", "lift(?:s|ed|ing)?",
    "skyrocket(?:s|ed|ing)?", "multipl(?:ied|ies)",
)  # fmt: skip
FALLEN = words(
    "fell", "fallen", "falls", "falling", "drop(?:s|ped|ping)?", "declin(?:e|es|ed|ing)", "decreas(?:e|es|ed|ing)",
    "shrank", "shrunk", "shrinks", "shrinking", "los(?:es|ing)", "lost", "halv(?:e|es|ed|ing)", "down by", "slip(?:s|ped|ping)",
    "sank", "sunk", "sinks", "plunged?", "plummet(?:s|ed|ing)?", "cut(?:s|ting)?", "reduc(?:e|es|ed|ing)", "downturn",
    "slow(?:s|ed) down", "lower(?:s|ed|ing)", "dip(?:s|ped)", "eroded", "tumbled", "slid",
)  # fmt: skip
MULTIPLE = words(
    "(?:twice|thrice) (?:as|the|that|what)", "half as", "(?:double|triple|quadruple) (?:the|that|its|our|their|what)",
    r"[\w.,½-]+(?: and a half)? times (?:as|the|that|more|higher|larger|greater|what|its|their|our|better|bigger)",
    r"[\w.,]+-?fold", r"\d+(?:\.\d+)?\s?[x×]",
)  # fmt: skip
BEST = words(
    "best", "most", "highest", "largest", "greatest", "biggest", "strongest", "fastest", "busiest", "top", "leading",
    "maximum", "peak", "clearest", "fullest", "longest", "widest", "always", "unrivalled", "unrivaled", "unmatched",
    "unbeatable", "record(?=-|\\s(?:high|number|result|year|level))", "unparalleled", "finest", "richest", "favou?rite",
    "supreme", "second to none", "world-class", "all-time", "the only", "everyone", "everybody", "ultimate", "main",
    "foremost", "number one", "no\\. ?1", "leads", "leader", "no other", "nothing else", "unlike any other", "(?:than|as|like) no(?:thing)? other",
)  # fmt: skip
WORST = words(
    "worst", "least", "lowest", "smallest", "weakest", "slowest", "fewest", "minimum", "bottom", "never", "poorest",
    "shortest", "quietest", "thinnest", "narrowest", "no one", "nobody",
)  # fmt: skip
MISSING = words(
    "not (?:been )?observed", "not (?:been )?measured", "not yet (?:observed|measured|known)", "no reading", "unknown", "not (?:been )?recorded", "not available",
    "no data", "unobserved", "never observed", "not known", "without a reading", "no value",
)  # fmt: skip
OBSERVED = words(
    "(?:is|are|was|were|has been|have been|been|counts? as|remains?) (?:fully |well |clearly |now |also )?(?:observed|measured|recorded|known)",
    r"(?<=: )(?:observed|measured|recorded|known)(?=[.;]|$)",
)  # fmt: skip

STRATEGY_NEUTRAL = words(
    "one of (?:them|the|its|their|our|these|those)", "no one", "one another", "another one", "this one", "the one",
    "one by one", "one (?:pillar|idea|channel|topic|step|thing|place|sentence|reason)", "at first", "first of all",
    "in the first place", "the first to", "once (?:more|again|chance|that|they|it|the|a|posts|results)", "once",
    "half of (?:it|them) is", "on the one hand", "say more", "room to say more", "more (?:room|space|attention|weight|care|depth)", "at best", "at least once",
    "at most once", "best (?:guess|effort|practice)", "do (?:its|their|our|your) best", "make the most of",
    "above all", "more or less", "once more", "no more", "no more,? (?:and )?no less", "neither more nor less", "nothing more", "any more", "the more", "what is more",
    "nothing observed says that more posts would help", "nothing observed says that another would do better", "(?<=than )one(?= (?:on|by|of|from))", "one(?= (?:on|by) (?:the )?(?:Facebook|Instagram|LinkedIn|X|TikTok|YouTube|e-?mail|newsletter|blog)\\b)", "over time", "over the week", "more (?:on|about)",
    "none (?:at all)?", "none", "no(?:t)? (?:more|less|fewer) than", "none stays above the middle", "a quieter channel", "behind the scenes", "behind (?:it|them|this|that|the number)",
    "the (?:evidence|posts|query|reasons?) behind", "first (?:impressions?|steps?|draft|line)", "fewer than needed",
    "as (?:well|long|soon|far) as", "as well", "the main (?:idea|point|reason|subject)", "main channel", "go easier",
    "leading (?:to|into)", "lead(?:s|ing)? to", "top of mind", "from top to bottom", "bottom line", "cut short",
    "lead(?:s|ing)? (?:the )?reader", "double-check", "follow up", "lost on", "read (?:more|less)",
    "second (?:look|thought|nature)", "in the second place", "at the same (?:time|age)", "same age", "one more time",
    "growing season", "falls? (?:on|to|under|within|into)", "cut (?:off|out)", "the only (?:evidence|basis|reason)",
    "lower[- ]case", "rising (?:river|water|sea)s?", "drop-in", "the top of", "at the top of", "drops? (?:us|me) a line",
    "quarter of today's(?: rhythm)?(?= is too)", "the most that one pillar gets", "better founded", "what works best",
    "for better or worse", "better (?:to|not|safe)", "so much the better", "better served", "know better",
    "learn(?:s|ed)? (?:more|the most)", "enough to learn", "the next best", "at its best", "second hand",
)  # fmt: skip
"""In a strategy: set phrases in which such a word states no number, rank or comparison."""

COPY_NEUTRAL = words(
    r"one(?! (?:hundred|thousand|million|billion|third|half|in|out of|percent|per cent|post|posts|day|days|week|hour|hours"
    r"|minute|minutes|year|years|month|months|dollar|euro|pound|dozen|fifth|quarter|times?)\b)(?! ?%)",
    "no one", "one another", "one of (?:the|our|us|them|those|these|my|your)(?! (?:best|most|top|biggest|largest|leading|few|only))",
    "at first(?: (?:glance|sight))?", "first of all", "first(?=[:,])", "(?:the|a|your|our|my|its|their) first (?:step|look|line|thing|impression|word|time|chapter|stop|draft)s?",
    "first (?:step|look|thing|aid|name|hand|impression)s?", "what (?:comes|to do) first", "do first", "come(?:s)? first",
    "(?:a|your) second (?:look|thought|opinion|chance|nature)", "second (?:look|thoughts?|nature|hand)", "just a second",
    "a third (?:party|option)", "half(?:way|-day| the (?:fun|battle|story))", "a couple of (?:words|lines|things)",
    "once(?: (?:more|again|upon a time|you|we|they|it|that|in a while))?", "all at once", "twice as nice", "think twice",
    "(?<=this )first(?=:)", "first(?= if\\b)", "(?:open|read|try|do|see) (?:this|that|it) first",
    "the best (?:objection|argument|question) (?:we|I) know", "best (?:wishes|regards|friend|friends|of luck)", "(?:do|try|give|did) (?:your|our|my|their|its) best", "all the best",
    "(?:the|a|your) best (?:way to|place to|part is|thing to|time to|question)", "at (?:its|their|your|our) best", "at best",
    "what works best", "at least", "at most", "most of all", "make the most of", "(?:that|what) (?:surprises?|matters?|helps?|counts?) (?:\\w+ )?most",
    "most easily", "never (?:mind|hesitate|fear|too late|stop|miss|forget|alone|say never|see|get|ask)", "few people get to see",
    "as always", "always (?:welcome|here for you|happy to|glad to|remember|ask|wanted|wondered|read|check)",
    "like never before", "everyone (?:is welcome|welcome|can|who)", "everybody (?:is welcome|welcome)", "for everyone",
    "(?:read|learn|find out|see|tell (?:us|me) |know|discover|hear|want|ask|for|with|and|want to know|say) ?more", "more(?=:)", "more (?:on|about|or less|information|than welcome|to come|soon|here|details)",
    "no more", "once more", "any ?more", "what(?:'s| is) more", "(?:a little|a bit|some|one|much) more", "even more", "more and more", "the more", "less is more", "more(?! (?:\\w+ )?than\\b)",
    "less(?! (?:\\w+ )?than\\b)", "fewer(?! (?:\\w+ )?than\\b)",
    "(?:better|worse|higher|lower|greater|larger|bigger|smaller|longer|shorter|wider|stronger|weaker|faster|slower|quieter|richer|fuller|thinner|busier)(?! (?:\\w+ )?than\\b)",
    "above all", "(?:see |as |the |from )?above", "(?:see |tell us |in the comments )?below", "behind (?:the|every|each|it|this|that|our|us|you|closed)", "leave behind", "left behind", "stay ahead", "look(?:ing)? ahead", "(?:go|straight|road|week|year|day|path|work|lies|ahead) ahead", "ahead",
    "short of (?:breath|time|ideas)", "stands? out", "leading (?:to|into|up to|questions?)", "leads? (?:to|into|you|us)",
    "top (?:of mind|of the page)", "from top to bottom", "at the (?:top|bottom)(?: of)?", "bottom line", "on top(?: of)?",
    "the only (?:way to find out|question is)", "favou?rite", "main", "ultimate(?:ly)?", "team leader", "community leaders?",
    "grow(?:s|ing)? (?:up|into|with|together|in|on|out|season|your|our)", "growing", "(?:personal|plant|new) growth", "rais(?:e|es|ed|ing) (?:awareness|money|funds|a (?:question|hand|glass)|your|our|the question)",
    "ris(?:e|es|ing) (?:to|above|up|tide|sun|water|river)", "lift(?:s|ing)? (?:up|the lid|each|our|your)", "lost (?:in|and found|for words|on)", "drop(?:s)? (?:us|by|in|me|a|your|into)", "cut(?:s|ting)? (?:through|to|out|down on|across|the|a|back)",
    "gain(?:s|ing)?(?! (?:of|by) )", "fall(?:s|ing|en)? (?:in|into|for|asleep|on|to|under|within|back|over|short)", "fell (?:in|into|asleep)", "reduc(?:e|ing)", "(?<!an )(?<!the )(?<!sharp )increas(?:e|ing)(?! of)", "improv(?:e|ing)", "lift", "double-check", "beat(?:s)? (?:the (?:heat|clock|rush|cold)|around)", "match(?:es)? (?:your|our|the|up)", "unknown", "as (?:well|long|soon|far|much|many|often) as (?:you|we|possible|they|it)", "jump(?:s|ing)? (?:in|into|to|on)",
    "record (?:your|it|a|the)", "peak (?:season|hours)", "climb(?:s|ing)? (?:the|a|into|up|over)", "under (?:way|the|our|your)",
    "no data", "not known", "equal(?:s|ly)?", "slid", "zero (?:in|waste|tolerance)", "long-lost", "drop",
)  # fmt: skip
"""In a draft: set phrases, greetings and calls that state no number, rank or comparison."""

COPY_NAMES = re.compile(
    r"\b(?:B2B|B2C|C2C|P2P|A2P|H2O|CO2|CO₂|PM2\.5|MP3|MP4|Web3|4K|3D|2D|5G|4G|COVID-19|WW2|WWII|Y2K)\b"
)
"""Names that hold a digit."""
