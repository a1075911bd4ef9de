"""`fabric serve`: start the app, the Dagster UI and the sandbox on loopback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

import typer

from orchestration.cli import context
from orchestration.cli.output import note

if TYPE_CHECKING:
    from models.settings import Settings

STOP_SECONDS = 20.0
"""How long the servers may take to end when asked."""

app = typer.Typer(help="Start the app, the Dagster UI, the sandbox, or all.", no_args_is_help=True)


def app_command(settings: Settings) -> list[str]:
    """The command line that serves the Streamlit app; its path, as the app is never imported here."""
    from orchestration.environment import app_path

    return [
        sys.executable, "-m", "streamlit", "run", str(app_path()),
        "--server.address", settings.app_host, "--server.port", str(settings.app_port),
        "--server.headless", "true", "--browser.gatherUsageStats", "false",
    ]  # fmt: skip


def run_until_stopped(commands: dict[str, list[str]], urls: dict[str, str], settings: Settings) -> None:
    """Starts each command, prints its address, waits for Ctrl-C, then ends what it started.

    They run in the project's directory, where Streamlit finds the theme. When one of them ends by itself the others are ended too, with exit code 1.
    """
    from orchestration.environment import child_environment
    from orchestration.project import project_dir

    environment = {**os.environ, **child_environment(settings)}
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    started: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            started[name] = subprocess.Popen(command, env=environment, cwd=project_dir(), start_new_session=True)
        for name, url in urls.items():
            note(f"{name}: {url}")
        note("Ctrl-C stops them.")
        while all(process.poll() is None for process in started.values()):
            time.sleep(0.5)
        for name, process in started.items():
            if process.poll() is not None:
                note(f"fabric: {name} ended with code {process.returncode}; its messages are above.")
        raise typer.Exit(1)
    except KeyboardInterrupt:
        note("Stopping.")
    finally:
        _stop(started.values())


def _stop(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    """Ends each with its children, which Dagster starts several of: asks the whole group first, then insists."""
    for process in processes:
        _signal_group(process, signal.SIGINT)
    deadline = time.monotonic() + STOP_SECONDS
    for process in processes:
        try:
            process.wait(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            note("fabric: a server does not stop by itself; ending it.")
        _signal_group(process, signal.SIGKILL)


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _sandbox_in_use() -> bool:
    """Whether an account of the sandbox is connected, so that the sandbox must answer for the rest to work."""
    from models.domain.connection import ConnectionStatus
    from models.domain.workspace import SYSTEM
    from models.services import connections, onboarding

    with context.store().unit_of_work() as uow:
        return any(
            connection.sandbox and connection.status is not ConnectionStatus.DISCONNECTED
            for workspace in onboarding.list_workspaces(uow, SYSTEM)
            for connection in connections.list_connections(uow, SYSTEM, workspace.id)
        )


def _sandbox_answers(settings: Settings) -> bool:
    """Whether one is served already, such as by fabric sandbox serve in another terminal."""
    from connectors.sandbox.control import SandboxControl
    from models.errors import InvalidInput

    try:
        SandboxControl(settings.sandbox_url).now()
    except InvalidInput:
        return False
    note(f"A sandbox answers at {settings.sandbox_url} already; it is used and left running.")
    return True


def _serve(*, with_app: bool, with_dagster: bool, with_sandbox: bool = False) -> None:
    from orchestration.runs import dagster_command

    settings = context.settings()
    context.store()
    commands: dict[str, list[str]] = {}
    urls: dict[str, str] = {}
    if with_app:
        commands["app"] = app_command(settings)
        urls["App"] = f"http://{settings.app_host}:{settings.app_port}"
    if with_dagster:
        commands["dagster"] = dagster_command(settings)
        urls["Dagster UI"] = f"http://127.0.0.1:{settings.dagster_port}"
    if with_sandbox and not _sandbox_answers(settings):
        commands["sandbox"] = _fabric("sandbox", "serve")
        urls["Sandbox (synthetic)"] = settings.sandbox_url
    if with_app and with_dagster and settings.asset_base_url:
        commands["media"] = _fabric("serve", "media")
        urls["Media"] = settings.asset_base_url
    run_until_stopped(commands, urls, settings)


def _fabric(*arguments: str) -> list[str]:
    """The command line of another `fabric` command."""
    return [sys.executable, "-c", "from orchestration.cli.main import run; run()", *arguments]


@app.command("media")
def serve_media() -> None:
    """Serve the media files of posts to the proxy behind FABRIC_ASSET_BASE_URL. Example: fabric serve media"""
    from connectors.assets import AssetStore, serve_assets

    settings = context.settings()
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    with serve_assets(AssetStore(settings.home / "assets"), port=settings.asset_port) as served:
        note(f"Media: {served.base_url}, to be made public at {settings.asset_base_url or 'FABRIC_ASSET_BASE_URL'}")
        note("Ctrl-C stops it.")
        with suppress(KeyboardInterrupt):
            while True:
                time.sleep(3600)


@app.command("sandbox")
def serve_sandbox() -> None:
    """Serve the sandbox, as fabric sandbox serve does. Example: fabric serve sandbox"""
    from orchestration.cli.sandbox import serve

    serve()


@app.command("app")
def serve_app() -> None:
    """Serve the app. Example: fabric serve app"""
    _serve(with_app=True, with_dagster=False)


@app.command("dagster")
def serve_dagster() -> None:
    """Serve the Dagster UI with its daemon. Example: fabric serve dagster"""
    _serve(with_app=False, with_dagster=True)


@app.command("all")
def serve_all() -> None:
    """Serve the app, the Dagster UI, media files where they have a public address, and the sandbox where its accounts are connected. Example: fabric serve all"""
    _serve(with_app=True, with_dagster=True, with_sandbox=_sandbox_in_use())
