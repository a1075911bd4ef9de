"""A character count, and one that follows the typing.

The count of the text that the server has is drawn by the server. Streamlit's text area tells the server about a change
only when the field is left, so a small component listens in the browser and counts, as the platform counts, what has been
typed since; the server checks again on Save, and its count decides.
"""

from __future__ import annotations

import streamlit as st

from models.domain.social import TEXT_LIMITS, Platform
from models.generation.limits import FIELDS, text_length

_CSS = """
.count { font-size: 0.85rem; opacity: 0.75; }
.count.over { color: #dc2626; opacity: 1; font-weight: 600; }
"""

# Weighted: a link counts 23, wide characters and emoji 2 (X developer docs, counting characters). The browser's count is
# a guide while typing; `models.generation.limits` has the exact rule.
_JS = """
export default function (component) {
  const { data, parentElement } = component;
  let line = parentElement.querySelector(".count");
  if (!line) {
    line = document.createElement("div");
    line.className = "count";
    line.setAttribute("role", "status");
    parentElement.appendChild(line);
  }
  const narrow = (c) => c <= 0x10ff || (c >= 0x2000 && c <= 0x200d) || (c >= 0x2010 && c <= 0x201f)
    || (c >= 0x2032 && c <= 0x2037);
  const weighted = (text) => {
    const rest = text.normalize("NFC").replace(/https?:\\/\\/[^\\s]+/g, () => "x".repeat(23));
    let sum = 0;
    for (const part of new Intl.Segmenter().segment(rest)) {
      if (/\\p{Extended_Pictographic}/u.test(part.segment)) sum += 2;
      else for (const c of Array.from(part.segment)) sum += narrow(c.codePointAt(0)) ? 1 : 2;
    }
    return sum;
  };
  const body = (text) => {
    const lines = text.split("\\n");
    let cut = false;
    for (const name of data.fields) {
      if (lines.length && lines[0].startsWith(`${name}:`)) { lines.shift(); cut = true; }
    }
    return cut ? lines.join("\\n").replace(/^\\n+/, "") : text;
  };
  const counts = {
    weighted,
    utf16: (text) => text.length,
    utf8: (text) => new TextEncoder().encode(text).length,
    characters: (text) => Array.from(text).length,
  };
  const length = (text) => counts[data.counting](body(text));
  const number = new Intl.NumberFormat("en-GB");
  const show = (count) => {
    const left = data.limit - count;
    line.textContent = `Now ${number.format(count)} of ${number.format(data.limit)} characters`
      + (left < 0 ? `, ${number.format(-left)} too many` : "");
    line.classList.toggle("over", left < 0);
  };
  const update = (field) => {
    if (field.value === data.text) { line.textContent = ""; line.classList.remove("over"); }
    else show(length(field.value));
  };
  // Listened for on the document, because the field may be drawn after this component or drawn anew.
  const chosen = `.st-key-${CSS.escape(data.field)} textarea`;
  const onInput = (event) => { if (event.target.matches?.(chosen)) update(event.target); };
  document.addEventListener("input", onInput);
  const field = document.querySelector(chosen);
  if (field) update(field); else line.textContent = "";
  return () => document.removeEventListener("input", onInput);
}
"""


def live_counter(field: str, platform: Platform, text: str) -> None:
    """The count of the text area with key `field`, which holds `text`, against the platform's limit."""
    limits = TEXT_LIMITS[platform]
    count = text_length(platform, text)
    st.caption(f"{count:,} of {limits.max_chars:,} characters")
    counter = st.components.v2.component("fabric_counter", css=_CSS, js=_JS)
    counter(
        key=f"count-{field}",
        data={
            "field": field,
            "text": text,
            "limit": limits.max_chars,
            "counting": _counting(platform),
            "fields": list(FIELDS.get(platform, ())),
        },
        height="content",
    )


def _counting(platform: Platform) -> str:
    """Which of the script's counts applies; the same cases as `models.generation.limits.text_length`."""
    if TEXT_LIMITS[platform].weighted:
        return "weighted"
    return {Platform.TIKTOK: "utf16", Platform.YOUTUBE: "utf8"}.get(platform, "characters")
