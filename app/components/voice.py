"""How the brand writes, as a marketer reads it: do's and don'ts, traits beside competitors, habits, and a text to try."""

from __future__ import annotations

import polars as pl
import streamlit as st

from app.charts.template import label
from app.components import numbers
from app.components.text import plain
from models.domain.brand_study import Trait, VoiceProfile
from models.domain.social import Platform
from models.insight.voice_profile import voice_score


def show_voice(profile: VoiceProfile) -> None:
    """Everything that is known of the voice, or why nothing is."""
    st.subheader("How it writes", anchor=False)
    if not profile.traits:
        with st.container(border=True):
            st.markdown(":gray[No evidence yet]")
            st.caption(plain(f"{profile.no_score} Import more of the brand's own posts."))
        return
    do, dont = st.columns(2, gap="medium")
    with do, st.container(border=True):
        st.markdown("**Do**")
        for line in profile.dos:
            st.markdown(f":green[:material/check:] {plain(line)}")
    with dont, st.container(border=True):
        st.markdown("**Don't**")
        if not profile.donts:
            st.caption("Nothing is clearly avoided.")
        for line in profile.donts:
            st.markdown(f":red[:material/close:] {plain(line)}")
    _traits(profile)
    _habits(profile)
    _words(profile)


def trait_value(trait: Trait, value: float | None) -> str:
    """A trait's value as people read it."""
    if value is None:
        return numbers.MISSING
    if trait.unit == "words":
        return f"{value:.1f}"
    if trait.id in ("formality", "richness"):
        return f"{value:.2f}"
    return numbers.percent(value)


def _traits(profile: VoiceProfile) -> None:
    st.markdown("**Habits beside your competitors'**")
    st.dataframe(
        pl.DataFrame(
            {
                "Habit": [trait.name for trait in profile.traits],
                "Brand": [_with_spread(trait) for trait in profile.traits],
                "Competitors": [trait_value(trait, trait.background) for trait in profile.traits],
                "Read from": [f"{trait.n:,} {_counted(trait)}" for trait in profile.traits],
            }
        ),
        hide_index=True,
        height="content",
        alt="Habits of writing of the brand and of its competitors",
    )
    shown = [trait for trait in profile.traits if trait.examples]
    with st.expander("Examples in the brand's own words", icon=":material/format_quote:"):
        for trait in shown:
            st.markdown(f":small[:gray[{plain(trait.name)}]]")
            for example in trait.examples:
                st.markdown(f"“{plain(example)}”")
    notes = [f"{trait.name}: {trait.note}" for trait in profile.traits if trait.note]
    if notes:
        with st.expander("How these are counted"):
            for note in notes:
                st.caption(plain(note))


def _with_spread(trait: Trait) -> str:
    value = trait_value(trait, trait.value)
    return value if trait.spread is None else f"{value} ± {trait.spread:.1f}"


def _counted(trait: Trait) -> str:
    return {"words": "sentences"}.get(trait.unit, "places" if trait.id == "contractions" else "posts")


def _habits(profile: VoiceProfile) -> None:
    if not profile.habits:
        return
    st.markdown("**By platform**")
    st.dataframe(
        pl.DataFrame(
            {
                "Platform": [label(Platform(habit.platform)) for habit in profile.habits],
                "Posts": [habit.posts for habit in profile.habits],
                "Words": [habit.words for habit in profile.habits],
                "Emoji": [numbers.percent(habit.with_emoji) for habit in profile.habits],
                "Hashtags": [numbers.percent(habit.with_hashtag) for habit in profile.habits],
                "Links": [numbers.percent(habit.with_link) for habit in profile.habits],
                "Questions": [numbers.percent(habit.with_question) for habit in profile.habits],
                "Most used": [
                    " ".join([*(f"#{tag}" for tag in habit.top_hashtags), *habit.top_emoji]) for habit in profile.habits
                ],
            }
        ),
        hide_index=True,
        height="content",
        column_config={"Words": st.column_config.NumberColumn(format="%.0f", help="Median words of a post")},
        alt="Share of posts with emoji, hashtags, links and questions, by platform",
    )


def _words(profile: VoiceProfile) -> None:
    parts = (
        ("Words the brand uses more than its competitors", [phrase.text for phrase in profile.typical_words]),
        ("Openings that come back", [f"“{phrase.text}” ({phrase.posts:,} posts)" for phrase in profile.openings]),
        ("Endings that come back", [f"“{phrase.text}” ({phrase.posts:,} posts)" for phrase in profile.endings]),
    )
    for title, items in parts:
        if items:
            st.markdown(f":small[:gray[{title}]]  \n{plain(', '.join(items))}")


def try_a_text(profile: VoiceProfile) -> None:
    """A text to hold against the voice, and how well the score works."""
    with st.container(border=True):
        st.markdown("**Does a text sound like the brand?**")
        if profile.fit is None:
            st.markdown(":gray[No score]")
            st.caption(plain(profile.no_score))
            return
        text = st.text_area(
            "Text", key="voice-text", placeholder="Paste a draft", label_visibility="collapsed", max_chars=6_000
        )
        if text.strip():
            value, reasons = voice_score(profile, text)
            if value is None:
                st.caption(plain(" ".join(reasons)))
            else:
                st.metric(
                    "Voice score", f"{value:.0f} of 100", help="Share of the brand's own posts that sound less like it."
                )
                for reason in reasons:
                    st.caption(plain(reason))
        fit = profile.fit
        five = "" if fit.five is None else f", {fit.five:.2f} for five posts together"
        st.caption(
            f"Tried on posts it had not seen, against {fit.other_accounts} competitors' accounts: the chance that a post of the "
            f"brand scores higher than one of theirs is {fit.single:.2f}{five}, and {fit.masked:.2f} when topic words are hidden "
            "(0.5 is a guess, 1 is perfect)."
        )
