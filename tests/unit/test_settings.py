"""`.env.example` and the settings say the same."""

from pathlib import Path

import pytest

from models.errors import InvalidInput
from models.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parents[2]


def _example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


def test_every_setting_is_in_the_example_with_its_default() -> None:
    expected = {f"FABRIC_{name.upper()}": field.default for name, field in Settings.model_fields.items()}
    assert _example().keys() == expected.keys()
    read = Settings(_env_file=ROOT / ".env.example")
    for name, field in Settings.model_fields.items():
        default = Settings.model_validate({name: field.default}) if name == "home" else None
        wanted = default.home if default else field.default
        assert getattr(read, name) == wanted, name


def test_descriptions_in_the_example_are_the_settings_own() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        assert f"# {field.description}\n" in text, name


def test_paths_are_absolute(tmp_path: Path) -> None:
    assert Settings(home=Path("somewhere")).home.is_absolute()
    assert Settings(home=tmp_path).warehouse_dir == tmp_path / "warehouse"


def test_a_bad_value_is_one_sentence_that_names_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FABRIC_APP_PORT", "eighty")
    with pytest.raises(InvalidInput, match="FABRIC_APP_PORT"):
        load_settings()
