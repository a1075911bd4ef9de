"""Markdown and HTML as plain text, for topics and search: what a reader sees, without mark-up and code."""

from __future__ import annotations

import html
import re

_STEPS = (
    (re.compile(r"^(`{3,}|~{3,}).*?^\1`*~*\s*$", re.DOTALL | re.MULTILINE), " "),  # fenced code
    (re.compile(r"^(`{3,}|~{3,}).*\Z", re.DOTALL | re.MULTILINE), " "),  # a fence that is never closed
    (re.compile(r"\{\{[<%].*?[>%]\}\}", re.DOTALL), " "),  # Hugo shortcodes
    (re.compile(r"\{%.*?%\}", re.DOTALL), " "),  # Liquid tags
    (re.compile(r"\{\{.*?\}\}", re.DOTALL), " "),  # Liquid and Handlebars values
    (re.compile(r"\{:.*?\}"), " "),  # Kramdown attributes
    (re.compile(r"^\[[^\]]+\]:\s+\S+.*$", re.MULTILINE), " "),  # link definitions
    (re.compile(r"!\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])"), r" \1 "),  # images: their description
    (re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])"), r"\1"),  # links: their text
    (re.compile(r"<(https?://[^>\s]+)>"), r"\1"),  # bare links
)
_LINE_STEPS = (
    (
        re.compile(r"^ {0,3}(?:#{1,6}[ \t]+|>[ \t]?|[-*+][ \t]+|\d+[.)][ \t]+)+", re.MULTILINE),
        "",
    ),  # headings, quotes, lists
    (re.compile(r"^ {0,3}(?:[-*_=][ \t]*){3,}$", re.MULTILINE), ""),  # rules and underlined headings
    (re.compile(r"(`+)(.+?)\1"), r"\2"),  # inline code keeps its text
    (re.compile(r"(\*{1,3}|~~)(?=\S)(.+?)(?<=\S)\1"), r"\2"),  # emphasis
    (re.compile(r"(?<!\w)(_{1,3})(?=\S)(.+?)(?<=\S)\1(?!\w)"), r"\2"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~-])"), r"\1"),  # escapes
)
_HTML_STEPS = (
    (re.compile(r"<!--.*?-->", re.DOTALL), " "),
    (re.compile(r"<(script|style|pre|svg)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE), " "),
    (re.compile(r"<(?:br|/p|/div|/li|/h[1-6]|/tr|/blockquote)\b[^>]*>", re.IGNORECASE), "\n"),
    (re.compile(r"</?[A-Za-z][^<>]*>"), " "),
)


def plain_markdown(text: str) -> str:
    """The readable text of a Markdown document; paragraphs stay apart by one empty line."""
    for pattern, replacement in (*_STEPS, *_HTML_STEPS, *_LINE_STEPS):
        text = pattern.sub(replacement, text)
    return _tidy(html.unescape(text))


def plain_html(text: str) -> str:
    """The readable text of an HTML fragment."""
    for pattern, replacement in _HTML_STEPS:
        text = pattern.sub(replacement, text)
    return _tidy(html.unescape(text))


def _tidy(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
