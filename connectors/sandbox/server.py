"""The sandbox as one local HTTP server: every vendor under its own prefix, faults in front, controls beside.

    /<vendor>/…                  what the vendor answers (see `connectors.endpoints`)
    /ai/<provider>/…             makers of pictures, videos and recordings (see `connectors.sandbox.ai_media`)
    /sites/…  /robots.txt        competitors' web sites (see `connectors.sandbox.sites`)
    /_sandbox/clock   GET · POST {"advance_seconds": n}
    /_sandbox/faults  POST {"kind", "vendor", "method", "path", "times", "skip", "seconds"} · DELETE
    /_sandbox/ledger  GET  what truly happened
    /_sandbox/requests  GET  how many requests each vendor has had
    /_sandbox/mail    GET  where the sandbox's mail server listens, and its user
The Date header tells the sandbox's time, so that reset times in vendors' headers are read right.
"""

from __future__ import annotations

import importlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from email.utils import format_datetime

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.sandbox import sites
from connectors.sandbox.faults import Fault, FaultKind, inject
from connectors.sandbox.world import World
from models.domain.connection import Vendor
from models.errors import InvalidInput

START_SECONDS = 10.0
MAIL_PORT_ABOVE = 2


@dataclass(frozen=True)
class SandboxVendor:
    """One vendor's part of the sandbox. Routes are below `/<vendor>`; the two refusals are the vendor's own words.

    `vendor` is a `Vendor`, or the name of a maker of media.
    """

    vendor: str
    routes: Sequence[BaseRoute]
    throttled: Callable[[], Response]
    expired: Callable[[], Response]


HTTP_VENDORS = tuple(vendor for vendor in Vendor if vendor is not Vendor.SMTP)


def load_vendor(vendor: Vendor, world: World) -> SandboxVendor:
    """The vendor's routes over a world, from `connectors.sandbox.<vendor>.vendor(world)`."""
    module = importlib.import_module(f"connectors.sandbox.{vendor.value}")
    found: SandboxVendor = module.vendor(world)
    return found


def build_app(world: World, vendors: Sequence[Vendor] = HTTP_VENDORS) -> ASGIApp:
    """The whole server over one world."""
    mounts: list[BaseRoute] = []
    for vendor in vendors:
        part = load_vendor(vendor, world)
        mounts.append(Mount(f"/{vendor.value}", app=_Faulty(Router(part.routes), part, world)))
    from connectors.sandbox import ai_media

    for maker in ai_media.makers(world.studios):
        mounts.append(Mount(f"/ai/{maker.vendor}", app=_Faulty(Router(maker.routes), maker, world)))
    mounts += [
        Mount("/sites", routes=sites.routes(world)),
        Route("/robots.txt", sites.robots),
        Mount("/_sandbox", routes=_controls(world)),
    ]
    return _Clocked(Starlette(routes=mounts), world)


class _Clocked:
    """Puts the sandbox's time into the Date header."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app = app
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["sandbox.send"] = send

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(self._world.clock.now(), usegmt=True).encode()
                message = {**message, "headers": [*message.get("headers", []), (b"date", date)]}
            await send(message)

        await self._app(scope, receive, dated)


class _Faulty:
    """Asks the world's faults before a vendor answers."""

    def __init__(self, app: ASGIApp, part: SandboxVendor, world: World) -> None:
        self._app = app
        self._part = part
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._world.requests[self._part.vendor] += 1
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        fault = self._world.faults.strike(self._part.vendor, scope["method"], path)
        if fault is None:
            await self._app(scope, receive, send)
            return
        await inject(
            fault, self._app, scope, receive, send,
            throttled=self._part.throttled(), expired=self._part.expired(), wire=scope["sandbox.send"],
        )  # fmt: skip


def _controls(world: World) -> list[Route]:
    async def read_clock(request: Request) -> Response:
        return JSONResponse({"now": world.clock.now().isoformat(), "epoch": world.epoch.isoformat()})

    async def move_clock(request: Request) -> Response:
        try:
            seconds = float((await request.json())["advance_seconds"])
            world.advance(timedelta(seconds=seconds))
        except (ValueError, KeyError, TypeError, InvalidInput) as error:
            return JSONResponse({"error": f"advance_seconds must be a positive number ({error})"}, 400)
        return await read_clock(request)

    async def add_fault(request: Request) -> Response:
        try:
            wanted = await request.json()
            vendor = wanted.pop("vendor", None)
            if vendor not in (None, *Vendor, *world.studios):
                raise ValueError(f"there is no vendor {vendor}")
            fault = Fault(FaultKind(wanted.pop("kind")), vendor=vendor, **wanted)
        except (ValueError, KeyError, TypeError) as error:
            return JSONResponse({"error": f"not a fault: {error}"}, 400)
        world.faults.add(fault)
        return JSONResponse(asdict(fault), 201)

    async def clear_faults(request: Request) -> Response:
        world.faults.clear()
        return Response(status_code=204)

    async def read_ledger(request: Request) -> Response:
        entries = [{**asdict(entry), "at": entry.at.isoformat()} for entry in world.ledger.entries]
        return JSONResponse({"entries": entries, "duplicates": world.ledger.duplicates()})

    async def read_requests(request: Request) -> Response:
        return JSONResponse(world.requests)

    async def read_mail(request: Request) -> Response:
        address = world.objects(Vendor.SMTP, "server").get("address")
        return JSONResponse(address or {"error": "this sandbox has no mail server"}, 200 if address else 404)

    return [
        Route("/clock", read_clock, methods=["GET"]),
        Route("/clock", move_clock, methods=["POST"]),
        Route("/faults", add_fault, methods=["POST"]),
        Route("/faults", clear_faults, methods=["DELETE"]),
        Route("/ledger", read_ledger, methods=["GET"]),
        Route("/requests", read_requests, methods=["GET"]),
        Route("/mail", read_mail, methods=["GET"]),
    ]


@dataclass
class RunningSandbox:
    """A sandbox that answers on loopback until its context ends."""

    url: str
    world: World
    server: uvicorn.Server = field(repr=False)


def server_of(world: World, port: int, vendors: Sequence[Vendor] = HTTP_VENDORS) -> uvicorn.Server:
    """An unstarted server on 127.0.0.1. Its own Date header and proxy handling are off: both would be in the way."""
    config = uvicorn.Config(
        build_app(world, vendors), host="127.0.0.1", port=port, log_level="critical", access_log=False, date_header=False,
        server_header=False, proxy_headers=False, lifespan="off",
    )  # fmt: skip
    return uvicorn.Server(config)


def serve_until_stopped(world: World, port: int) -> None:
    """Serves in this thread until the process is asked to end, and mail from another. Raises `InvalidInput` when the port
    is taken.

    The mail server listens two ports above, so that connected accounts find it again, or on any free port.
    """
    from connectors.sandbox.smtp import PASSWORD, USERNAME, running_smtp

    if not _free(port):
        raise _taken(port)
    wanted = port + MAIL_PORT_ABOVE
    with running_smtp(world, port=wanted if wanted < 65_536 and _free(wanted) else 0) as (host, mail_port):
        address = {"host": host, "port": str(mail_port), "user": USERNAME, "password": PASSWORD}
        world.objects(Vendor.SMTP, "server")["address"] = address
        server_of(world, port).run()


def _taken(port: int) -> InvalidInput:
    return InvalidInput(f"Port {port} is in use: end what listens there, or set FABRIC_SANDBOX_PORT to another one.")


def _free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextmanager
def running_sandbox(
    world: World | None = None, *, port: int = 0, vendors: Sequence[Vendor] = HTTP_VENDORS
) -> Iterator[RunningSandbox]:
    """Serves a world from a thread of this process, on a free port unless one is named.

    Raises `InvalidInput` when that port is taken.
    """
    served = world or World()
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind(("127.0.0.1", port))
        except OSError:
            raise _taken(port) from None
        server = server_of(served, bound.getsockname()[1], vendors)
        thread = threading.Thread(target=server.run, args=([bound],), name="sandbox", daemon=True)
        thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise InvalidInput(f"The sandbox did not start on port {bound.getsockname()[1]}: choose another port.")
            time.sleep(0.01)
        try:
            yield RunningSandbox(f"http://127.0.0.1:{bound.getsockname()[1]}", served, server)
        finally:
            server.should_exit = True
            thread.join(timeout=10)
