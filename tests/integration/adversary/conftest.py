"""One attacked installation, for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.bench.adversary.attack import AdversaryReport, attack
from orchestration.bench.adversary.corpus import corpus
from orchestration.bench.adversary.nasty import nasty_strings

EVERY = 11
"""No divisor of the number of orders a template: every template and every goal is among the chosen."""


@pytest.fixture(scope="session")
def attacked_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("attacked") / "home"


@pytest.fixture(scope="session")
def report(attacked_home: Path) -> AdversaryReport:
    attacked_home.mkdir()
    return attack(attacked_home, corpus()[::EVERY], nasty_strings(), rounds=2)
