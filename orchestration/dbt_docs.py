"""dbt's own documentation site as one file: models, columns, lineage, metrics and exposures.

`python -m orchestration.dbt_docs [FOLDER]` writes `FOLDER/dbt.html` (default `site`), with the columns and sizes of this
installation's warehouse where one has been built.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from models.errors import StoreCorrupt
from models.settings import Settings, load_settings
from orchestration.dbt_runner import invoke
from orchestration.environment import quiet_telemetry
from orchestration.resources import Stores


def write_site(settings: Settings, folder: Path) -> Path:
    """Writes the page and returns its path. Raises `StoreCorrupt` with dbt's reason when it cannot be made."""
    with tempfile.TemporaryDirectory(prefix="fabric-docs-") as scratch:
        target = Path(scratch)
        arguments = ["docs", "generate", "--static"]
        if not Stores(settings).warehouse.exists():
            settings = settings.model_copy(update={"home": target / "home", "warehouse_url": ""})
            arguments.append("--empty-catalog")
        outcome = invoke(settings, arguments, target=target)
        if not outcome.success:
            raise StoreCorrupt(f"dbt's documentation could not be made: {outcome.reason()}.")
        folder.mkdir(parents=True, exist_ok=True)
        page = folder / "dbt.html"
        shutil.copyfile(target / "static_index.html", page)
    return page


if __name__ == "__main__":
    quiet_telemetry()
    sys.stdout.write(f"{write_site(load_settings(), Path(sys.argv[1] if len(sys.argv) > 1 else 'site'))}\n")
