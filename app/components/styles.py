"""The few rules Streamlit's theme cannot say. Static text; no data goes in here."""

from __future__ import annotations

import streamlit as st

_CSS = """
<style>
  .stApp, .stMetric, .stDataFrame { font-variant-numeric: tabular-nums; }
  .fabric-text { white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.5; }
  .fabric-post {
    white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.5; padding: 0.9rem 1rem; max-width: 34rem;
    border: 1px solid rgba(138, 144, 154, 0.35); border-radius: 8px; max-height: 30rem; overflow-y: auto;
  }
  .fabric-diff ins { text-decoration: underline; background: rgba(22, 163, 74, 0.18); border-radius: 3px; }
  .fabric-diff del { text-decoration: line-through; background: rgba(220, 38, 38, 0.16); border-radius: 3px; }
  .fabric-diff { max-height: 24rem; overflow-y: auto; }
  [data-testid="stMainBlockContainer"] { padding-top: 3.25rem; padding-bottom: 3rem; max-width: 1400px; }
  .stMetric div:has(> [data-testid="stMetricDeltaDescription"]) { flex-wrap: wrap; overflow: visible; }
  .stMetric [data-testid="stMetricDeltaDescription"], .stMetric [data-testid="stMetricDeltaDescription"] * {
    white-space: normal; overflow: visible;
  }
  [class*="st-key-inbox"] button > div, [class*="st-key-month"] button > div,
  [class*="st-key-inbox"] button > div > span, [class*="st-key-month"] button > div > span {
    justify-content: flex-start; text-align: left; width: 100%;
  }
  [class*="st-key-month"] button { padding: 0.2rem 0.4rem; min-height: 0; line-height: 1.25; }
  [class*="st-key-month"] button p { font-size: 0.78rem; overflow-wrap: anywhere; }
  [class*="daycell"] { min-height: 6rem; }
  @media (min-width: 641px) {
    [data-testid="stMainBlockContainer"] { padding-left: 2.5rem; padding-right: 2.5rem; }
  }
  @media (max-width: 640px) {
    [class*="st-key-inbox"] { max-height: 15rem; overflow-y: auto; flex-wrap: nowrap; }
    [class*="st-key-inbox"] > * { flex-shrink: 0; }
    [data-testid="stMainBlockContainer"] { padding-left: 1rem; padding-right: 1rem; }
    .stColumn:has([class*="st-key-blankday"]), .stColumn:has([class*="st-key-weekhead"]) { display: none; }
    [class*="daycell"] { min-height: 0; }
  }
</style>
"""


def install_styles() -> None:
    """Puts the rules on the page; once a run, from the router."""
    st.html(_CSS)
