"""Search: what the brand and its competitors have said about something, by meaning."""

from __future__ import annotations

import streamlit as st

from app.charts.template import label
from app.components import numbers
from app.components.filters import search_filters
from app.components.frame import footer, header, open_shelf_quietly
from app.components.text import block, excerpt, headline, plain, safe_url
from app.session import Visit, current_visit
from connectors.vectors.search import Searcher
from models.domain.retrieval import Hit, Source, Trust
from models.errors import NotFound, NothingServed, StoreCorrupt

SHOWN = 20
SOURCES = {
    Source.OWN: ("Own post", ":material/campaign:"),
    Source.COMPETITOR: ("Competitor", ":material/groups:"),
    Source.DRAFT: ("Draft", ":material/edit_note:"),
    Source.BRIEF: ("Brief", ":material/calendar_month:"),
}
_LIKE = "like"


def render(visit: Visit) -> None:
    header("Search", "What have we said, planned or seen about something, whatever the words.")
    words, among, mode = search_filters(searches_meaning=visit.context.searches_meaning)
    like = st.query_params.get(_LIKE, "")
    searcher = visit.context.searcher
    try:
        if like:
            st.button("Back to the words", icon=":material/arrow_back:", on_click=_forget_like)
            found = searcher.like(visit.workspace.id, like, among, limit=SHOWN)
            st.markdown(f"**Similar to** {plain(like)}")
        elif words.strip():
            found = searcher.search(visit.workspace.id, words, among, mode=mode, limit=SHOWN)
        else:
            found = None
            searcher.version(visit.workspace.id)
    except (NothingServed, StoreCorrupt) as error:
        _no_index(visit, error)
    except NotFound:
        st.info("What this link names is no longer in the content. Search for words instead.")
    else:
        _hits(visit, searcher, found)
    footer(visit, open_shelf_quietly(visit))


def _forget_like() -> None:
    st.query_params.pop(_LIKE, None)


def _no_index(visit: Visit, error: NothingServed | StoreCorrupt) -> None:
    if isinstance(error, StoreCorrupt):
        st.warning(plain(str(error)), icon=":material/error:")
        return
    st.info(
        "The search index of this workspace is not written yet. The worker (`fabric serve all`) writes it within minutes after "
        "a build. On the command line the first search writes it:",
        icon=":material/manage_search:",
    )
    st.code(f'fabric search "some words" --workspace {visit.workspace.id}', language="bash")


def _hits(visit: Visit, searcher: Searcher, found: list[Hit] | None) -> None:
    version = searcher.version(visit.workspace.id)
    if found is None:
        st.caption(
            f"{version.documents:,} documents can be found: own posts, drafts, briefs and competitors' content. Write what you "
            "are looking for above, as a sentence or in single words."
        )
        return
    if not found:
        st.info("Nothing was found. Remove a filter, or search for other words.", icon=":material/search_off:")
        return
    st.caption(f"The {len(found)} that fit best of {version.documents:,} documents, the best first.")
    for number, hit in enumerate(found):
        with st.container(border=True):
            _hit(visit, hit, number)


def _hit(visit: Visit, hit: Hit, number: int) -> None:
    name, icon = SOURCES[hit.source]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(name, icon=icon, color="orange" if hit.trust is Trust.COMPETITOR else "gray")
        facts = [label(hit.platform) if hit.platform else "", hit.account, nearness(hit.similarity)]
        if hit.published_at is not None:
            when = "planned for" if hit.source in {Source.DRAFT, Source.BRIEF} else "published"
            facts.insert(2, f"{when} {numbers.instant(hit.published_at, visit.zone)}")
        st.caption(plain(" · ".join(fact for fact in facts if fact)))
    st.markdown(f"**{plain(headline(hit.title, hit.passage, 120))}**")
    st.html(block(excerpt(hit.passage, 400), "fabric-text"))
    if hit.repeated:
        more = "document says" if hit.repeated == 1 else "documents say"
        st.caption(f"This is the newest of them: {hit.repeated} more {more} exactly this.")
    if hit.trust is Trust.COMPETITOR:
        st.caption("A competitor's words, as they were published: not checked, and not ours.")
    with st.container(horizontal=True):
        if st.button("Similar to this", key=f"like-{number}", icon=":material/join_inner:", type="tertiary"):
            st.query_params[_LIKE] = hit.id
            st.rerun()
        _where(hit, number)


def _where(hit: Hit, number: int) -> None:
    """The way to where the document lives."""
    if hit.source in {Source.DRAFT, Source.BRIEF}:
        st.page_link("views/calendar.py", label="Calendar", icon=":material/calendar_month:")
        return
    if hit.source is Source.OWN:
        st.page_link(
            "views/content.py", label="Content", icon=":material/table_rows:",
            query_params={"q": _words_of(hit), "period": "All"},
        )  # fmt: skip
    url = safe_url(hit.url)
    if url is not None:
        st.link_button("Open", url, key=f"open-{number}", icon=":material/open_in_new:", type="tertiary")


def _words_of(hit: Hit) -> str:
    """What the page Content finds the post by: the beginning of its title or text, as it stands there."""
    return (hit.title or hit.passage).strip().split("\n", 1)[0][:60].strip()


def nearness(similarity: float | None) -> str:
    """A cosine in words. The bounds are quantiles of real articles, see docs/search.md."""
    if similarity is None:
        return "by its words"
    for bound, words in ((0.8, "says nearly the same"), (0.6, "very close"), (0.4, "close"), (0.2, "loosely related")):
        if similarity >= bound:
            return words
    return "hardly related"


if __name__ == "__main__":
    render(current_visit())
