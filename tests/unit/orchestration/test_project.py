"""Where the dbt project is, and when it counts as changed."""

from __future__ import annotations

import shutil
from pathlib import Path

from orchestration.project import project_digest, project_dir

ROOT = Path(__file__).resolve().parents[3]


def copied(folder: Path) -> Path:
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "transforms", folder / "transforms")
    shutil.copytree(ROOT / "models" / "metrics" / "seeds", folder / "models" / "metrics" / "seeds")
    return folder


def test_in_a_checkout_it_is_the_repository() -> None:
    assert project_dir() == ROOT


def test_digest_is_of_content_not_of_place(tmp_path: Path) -> None:
    assert project_digest(copied(tmp_path)) == project_digest(ROOT)


def test_a_changed_model_seed_or_profile_changes_it(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    seen = {project_digest(folder)}
    model = next((folder / "transforms" / "models" / "marts").glob("*.sql"))
    for path in (model, folder / "models" / "metrics" / "seeds" / "metrics.csv", folder / "profiles.yml"):
        path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        seen.add(project_digest(folder))
    model.rename(model.with_name("renamed.sql"))
    seen.add(project_digest(folder))
    assert len(seen) == 5


def test_an_editors_backup_does_not_change_it(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "transforms" / "models" / "marts" / "mart_posts.sql~").write_text("old", encoding="utf-8")
    assert project_digest(folder) == project_digest(ROOT)
