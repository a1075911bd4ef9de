"""Sizes and ratios that providers offer, and which of them is nearest to what was asked for."""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd, log


def ratio_of(text: str) -> float:
    """Width by height of `9:16` or `720:1280`. Raises `ValueError`."""
    width, _, height = text.partition(":")
    return int(width) / int(height)


def nearest_ratio(wanted: float, offered: Iterable[str]) -> str:
    """The offered ratio that is off by the smallest factor."""
    return min(offered, key=lambda text: abs(log(ratio_of(text) / wanted)))


def nearest_size(width: int, height: int, offered: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """The offered size whose ratio is off by the smallest factor."""
    return min(offered, key=lambda size: abs(log(size[0] / size[1] / (width / height))))


def shortest(width: int, height: int) -> str:
    """`16:9` of 1920 × 1080."""
    common = gcd(width, height)
    return f"{width // common}:{height // common}"
