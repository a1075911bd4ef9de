"""The made-up sites on loopback, and what a collector needs to read them."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.competitors.collector import CompetitorSource, SourceReport, collect_source
from connectors.competitors.fetching import WebFetcher
from connectors.competitors.pace import Pace
from connectors.competitors.state import SourceState
from connectors.guard import LOCAL
from connectors.sandbox import sites
from connectors.sandbox.world import World
from connectors.warehouse.landing import LandingStore


class Logged:
    """Keeps what was asked: path, and the headers that make a request conditional."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.asked: list[tuple[str, dict[str, str]]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.asked.append((scope["path"], {k.decode(): v.decode() for k, v in scope["headers"]}))
        await self._app(scope, receive, send)

    def paths(self) -> list[str]:
        found = [path for path, _ in self.asked]
        self.asked.clear()
        return found


@contextmanager
def serving(*routes: BaseRoute) -> Iterator[tuple[str, Logged]]:
    """Serves routes on a free loopback port; gives the address and the log."""
    app = Logged(Starlette(routes=list(routes)))
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="critical", lifespan="off", server_header=False, date_header=False)
        )
        thread = threading.Thread(target=server.run, args=([bound],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}", app
        finally:
            server.should_exit = True
            thread.join(timeout=10)


@contextmanager
def made_up_sites(world: World) -> Iterator[tuple[str, Logged]]:
    """The two sites of the sandbox."""
    with serving(Mount("/sites", routes=sites.routes(world)), Route("/robots.txt", sites.robots)) as served:
        yield served


class Collecting:
    """One source, collected again and again over the state that its last run left."""

    def __init__(self, world: World, folder: Path, url: str, competitor: str = "Rival", **options: Any) -> None:
        self.world = world
        self.landing = LandingStore(folder)
        self.source = CompetitorSource("s-1", competitor, url)
        self.state = SourceState()
        self.slept: list[float] = []
        self.options = options

    def run(self, **options: Any) -> SourceReport:
        report = collect_source(
            self.source, SourceState.model_validate_json(self.state.model_dump_json()), now=self.world.clock.now(),
            fetcher=WebFetcher(LOCAL), landing=self.landing, workspace_id="sample",
            pace=Pace(sleep=self.slept.append), **{**self.options, **options},
        )  # fmt: skip
        self.state = report.state
        return report

    def days(self, number: float) -> None:
        self.world.advance(timedelta(days=number))
