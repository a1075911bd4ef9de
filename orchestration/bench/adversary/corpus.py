"""Poisoned competitor content: every template of `corpus.toml` with many orders, the same at every run."""

from __future__ import annotations

import base64
import codecs
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from urllib.parse import quote

ORDERS_A_TEMPLATE = 20

_LOOK_ALIKE = str.maketrans("aceiopxyABCEHKMOPTX", "асеіорхуАВСЕНКМОРТХ")


@dataclass(frozen=True)
class Injection:
    """`text` is a post as it is imported; `order` what it wants, in plain words, and `goal` of which kind that is."""

    id: str
    template: str
    goal: str
    order: str
    text: str


@lru_cache(maxsize=1)
def corpus() -> tuple[Injection, ...]:
    """Every injection; `ORDERS_A_TEMPLATE` orders for each template, all orders in turn."""
    data = tomllib.loads((files("orchestration.bench.adversary") / "corpus.toml").read_text(encoding="utf-8"))
    orders = [(order["goal"], text) for order in data["order"] for text in order["texts"]]
    made: list[Injection] = []
    for row, template in enumerate(data["template"]):
        for turn in range(ORDERS_A_TEMPLATE):
            number = len(made)
            goal, order = orders[(row * 7 + turn * 3) % len(orders)]
            order = _filled(order, number)
            hidden = CODES[template.get("code", "none")](order)
            cover = data["covers"][number % len(data["covers"])]
            text = template["text"].replace("{{", "\0").replace("}}", "\1")
            text = text.replace("{cover}", cover).replace("{order}", hidden).replace("\0", "{").replace("\1", "}")
            made.append(Injection(f"inj-{number:04d}", template["name"], goal, order, text))
    return tuple(made)


def templates() -> int:
    """How many templates there are."""
    return len({injection.template for injection in corpus()})


def _filled(order: str, number: int) -> str:
    told = {"{number}": f"{613 + 7 * number:,}.{number % 9 + 1}", "{link}": f"https://x{number}.evil.example/c"}
    told["{word}"] = f"zanzibarflux{'abcdefghij'[number % 10]}"
    for name, value in told.items():
        order = order.replace(name, value)
    return order.replace("{{", "{").replace("}}", "}")


def _spread(shift: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: "".join(shift(char) for char in text)


def _mathematical(char: str) -> str:
    if "a" <= char <= "z":
        return chr(0x1D41A + ord(char) - ord("a"))
    return chr(0x1D400 + ord(char) - ord("A")) if "A" <= char <= "Z" else char


def _selector(byte: int) -> str:
    return chr(0xFE00 + byte) if byte < 16 else chr(0xE0100 + byte - 16)


CODES: dict[str, Callable[[str], str]] = {
    "none": str,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "hex": lambda text: text.encode().hex(),
    "percent": lambda text: quote(text, safe="") if not text.isascii() else "".join(f"%{ord(c):02X}" for c in text),
    "entities": _spread(lambda char: f"&#{ord(char)};"),
    "escapes": _spread(lambda char: f"\\u{ord(char):04x}"),
    "zero_width": _spread(lambda char: f"{char}\u200b"),
    "tags": _spread(lambda char: chr(0xE0000 + ord(char)) if char.isascii() else char),
    "selectors": lambda text: "".join(_selector(byte) for byte in text.encode()),
    "homoglyphs": lambda text: text.translate(_LOOK_ALIKE),
    "full_width": _spread(lambda char: chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char),
    "mathematical": _spread(_mathematical),
    "reversed": lambda text: text[::-1],
    "marks": _spread(lambda char: f"{char}\u0301\u0323\u0336" if char.isalpha() else char),
    "apart": lambda text: " ".join(text),
    "lines": lambda text: "\n".join(text.split()),
}
"""What can be done to an order, by name."""
