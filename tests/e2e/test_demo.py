"""`fabric demo` and the commands around it, as a user runs them."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.warehouse.contracts.operations import CONTRACTS as OPERATIONS

from .conftest import observed


def test_the_demo_runs_the_whole_job(demo: Any) -> None:
    fabric, summary = demo
    collected = summary["collected"]
    assert (collected["accounts"], collected["gaps"]) == (7, 0)
    assert (collected["posts"] > 500, collected["readings"] > 5000, collected["articles"] > 50) == (True, True, True)
    assert sum(one["observations"] for one in summary["imported"]) > 1000
    assert summary["generate"]["evidence_checked"] > 10
    assert summary["generate"]["drafts_added"] >= summary["generate"]["entries_added"] > 4
    assert len(summary["build"]["digest"]) >= 16
    assert fabric.json("workspace", "list")["workspaces"][0]["synthetic"] is True


def test_a_second_demo_adds_nothing(demo: Any) -> None:
    fabric, summary = demo
    again = fabric.json("demo", "--no-serve", "--weeks", "2")
    assert {**again["collected"], "accounts": 0} == dict.fromkeys(again["collected"], 0)
    assert all(one["already_known"] for one in again["imported"])
    before, after = summary["build"]["marts"]["sample"], again["build"]["marts"]["sample"]
    assert {mart for mart in after if after[mart] != before[mart]} <= set(OPERATIONS), "only what was planned is new"
    assert again["generate"]["strategy_version"] == 1
    assert (again["generate"]["entries_added"], again["generate"]["drafts_added"]) == (0, 0)


@pytest.mark.long
def test_another_home_gets_the_same_numbers(demo: Any, new_installation: Any) -> None:
    """The same last day and the same sandbox address: every mart is equal to the byte, but for ids and times of receipt."""
    fabric, summary = demo
    other = replace(new_installation("again"), sandbox_port=fabric.sandbox_port)
    twin = other.json("demo", "--no-serve", "--end", "2026-11-01", "--weeks", "1")
    first, second = (observed(told["build"]["marts"]["sample"]) for told in (summary, twin))
    assert len(first) > 25
    assert second == first


def test_the_demos_sandbox_port_may_be_taken(demo: Any) -> None:
    fabric, _ = demo
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", fabric.sandbox_port))
        taken.listen()
        said = fabric.run("demo", "--no-serve", code=2).stderr.splitlines()[-1]
    assert said.startswith(f"fabric: Port {fabric.sandbox_port} is in use")


def test_doctor_finds_a_finished_demo_sound(demo: Any) -> None:
    fabric, _ = demo
    findings = fabric.json("doctor")["findings"]
    assert {finding["state"] for finding in findings} <= {"ok", "warn"}
    assert any(finding["what"] == "sample" and finding["state"] == "ok" for finding in findings)
    assert sum(finding["what"].startswith("sample: ") and finding["state"] == "ok" for finding in findings) == 7
    assert [finding["state"] for finding in findings if finding["what"] == "Sandbox"] == ["warn"]


def test_every_age_basis_occurs_in_the_demo(demo: Any) -> None:
    fabric, _ = demo
    query = "select string_agg(distinct basis, ' ' order by basis) from mart_post_metrics_at_age"
    assert {"exact", "interpolated"} <= set(fabric.value("sample", query).split())


def test_missing_values_of_the_demo_stay_missing(demo: Any) -> None:
    """Articles have no counted engagements: they are missing, and never 0."""
    fabric, _ = demo
    query = "select count(*), count(engagements_public), count(reactions) from mart_posts where platform = 'web'"
    articles, engagements, reactions = json.loads(fabric.run("sql", query, "-w", "sample", "-f", "json").stdout)[
        "rows"
    ][0]
    assert (articles > 0, engagements, reactions) == (True, 0, 0)


def test_sql_cannot_leave_the_serving_file(demo: Any, tmp_path: Path) -> None:
    fabric, _ = demo
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n", encoding="utf-8")
    for query in (f"select * from read_csv('{secret}')", f"attach '{secret}' as other", "drop table mart_posts"):
        refused = fabric.run("sql", query, "-w", "sample", code=2)
        assert refused.stdout == ""
        assert "Traceback" not in refused.stderr


def test_misuse_and_failure_have_their_exit_codes(demo: Any, tmp_path: Path) -> None:
    fabric, _ = demo
    assert "nosuch" in fabric.run("sql", "select 1", "-w", "nosuch", code=1).stderr
    assert "--workspace" in fabric.run("sql", "select 1", code=2).stderr
    fabric.run("build", "--no-such-option", code=2)
    missing = fabric.run("import", str(tmp_path / "nothing.csv"), "-w", "sample", code=1)
    assert "nothing.csv" in missing.stderr
    assert "Traceback" not in missing.stderr


def test_help_of_every_command_has_an_example(demo: Any) -> None:
    fabric, _ = demo
    for command in (
        "connect",
        "connections",
        "ingest",
        "publish",
        "competitor add",
        "sandbox clock",
        "import",
        "build",
        "generate",
        "sql",
        "export",
        "demo",
        "doctor",
        "workspace create",
        "serve app",
    ):
        text = " ".join(fabric.run(*command.split(), "--help").stdout.split())
        assert "Example: fabric" in text, command


def test_a_deleted_workspace_leaves_nothing_behind(new_installation: Any, tmp_path: Path) -> None:
    fabric = new_installation("deleted")
    fabric.run("workspace", "create", "Short Lived")
    posts = tmp_path / "posts.csv"
    header = "status_id,status_message,link_name,status_type,status_link,status_published,num_reactions,num_comments,num_shares,num_likes,num_loves,num_wows,num_hahas,num_sads,num_angrys"
    posts.write_text(f"{header}\n1_2,words,,photo,,2016-06-23 02:20:08,1,2,3,1,0,0,0,0,0\n", encoding="utf-8")
    fabric.run("import", str(posts), "-w", "short-lived")
    assert list((fabric.home / "landing" / "short-lived").rglob("*.parquet"))
    fabric.run("workspace", "delete", "short-lived", "--yes")
    assert not (fabric.home / "landing" / "short-lived").exists()
    assert fabric.json("workspace", "list")["workspaces"] == []


def test_a_new_workspace_names_who_may_open_it(new_installation: Any) -> None:
    fabric = new_installation("people")
    assert "add-member quiet" in fabric.run("workspace", "create", "Quiet").stderr
    made = fabric.run("workspace", "create", "Open", "--admin", "ana@example.org", "--zone", "Europe/Berlin")
    assert "add-member" not in made.stderr
    assert "IANA" in fabric.run("workspace", "create", "Nowhere", "--zone", "Mars/Base", code=2).stderr


def test_serving_answers_and_leaves_no_process_behind(demo: Any) -> None:
    """App, Dagster UI and the sandbox of the connected accounts answer; a stop ends them with all that they started."""
    fabric, _ = demo
    app, dagster = free_port(), free_port()
    serving = subprocess.Popen(
        fabric.command("serve", "all"),
        env={**fabric.environment, "FABRIC_APP_PORT": str(app), "FABRIC_DAGSTER_PORT": str(dagster)},
        cwd=Path(__file__).resolve().parents[2],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert "streamlit" in body(f"http://127.0.0.1:{app}/").lower()
        assert "dagster_version" in body(f"http://127.0.0.1:{dagster}/server_info")
        assert "epoch" in body(f"http://127.0.0.1:{fabric.sandbox_port}/_sandbox/clock")
        started = processes_of(fabric.home)
        assert len(started) > 3
    finally:
        serving.send_signal(signal.SIGTERM)
        code = serving.wait(timeout=60)
    assert code == 0
    assert listeners(app, dagster, fabric.sandbox_port) == []
    assert processes_of(fabric.home) == []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def body(url: str, seconds: float = 120.0) -> str:
    """The page's text once the server answers."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read().decode())
        except OSError:
            assert time.monotonic() < deadline, f"{url} did not answer in {seconds:.0f} s"
            time.sleep(0.5)


def processes_of(home: Path) -> list[int]:
    """Live processes whose environment names the installation."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if f"FABRIC_HOME={home}".encode() in environment.split(b"\0"):
            found.append(int(folder.name))
    return found


def listeners(*ports: int) -> list[int]:
    """Those of the ports that still answer."""
    answering = []
    for port in ports:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                answering.append(port)
    return answering
