"""Operating a desk from outside: figures, probes, verbs, logs, stops and refused starts of the real process."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared.logs import KEYS
from shared.metrics.registry import LABELS
from tests.e2e.living_desk import HOUSE, LivingDesk, free_port
from tests.e2e.policies import write_fast_policy

pytestmark = [pytest.mark.slow, pytest.mark.anyio]
FORM = "/in/forms/pk_waha_contact"
SECRET_WORD = "zanzibarian"
"""No log, figure or refusal may ever show it."""
SENT = 12


class Operated(LivingDesk):
    """A desk with a door for operators."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, write_fast_policy(folder, acknowledges=False))
        self.metrics_port = free_port()
        self.environment["SANAD_METRICS_PORT"] = str(self.metrics_port)

    @property
    def operators(self) -> str:
        return f"http://127.0.0.1:{self.metrics_port}"

    def ended(self) -> int:
        """Its exit code, once it has ended by itself."""
        assert self._process is not None
        return self._process.wait(timeout=60)

    def verb(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """A verb in a process of its own, on the same machine."""
        rest = {name: value for name, value in os.environ.items() if not name.startswith("SANAD_")}
        return subprocess.run(
            [sys.executable, "-m", "services", *words], cwd=HOUSE, capture_output=True, text=True, check=False,
            timeout=120, env=rest | {"SANAD_FOLDER": str(self.folder)} | environment,
        )  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operated]:
    desk = Operated(tmp_path_factory.mktemp("operations"))
    try:
        desk.start()
        for number in range(SENT):
            assert send(desk, number).status_code < 300
        wait_for_tickets(desk, SENT)
        yield desk
    finally:
        desk.stop()


def filled(number: int) -> dict[str, str]:
    return {
        "name": f"Amal {SECRET_WORD}", "email": f"amal{number}@{SECRET_WORD}.example",
        "message": f"I lost my card, {SECRET_WORD} {number}",
    }  # fmt: skip


def send(desk: LivingDesk, number: int) -> httpx2.Response:
    return httpx2.post(f"{desk.url}{FORM}", json=filled(number), headers={"Origin": desk.url}, timeout=15)


def tickets(desk: LivingDesk) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    with desk.client() as client:
        after = None
        while True:
            query = {"limit": 200} | ({"after": after} if after else {})
            page = client.get("/v1/tickets", params=query).json()
            found += page["items"]
            after = page["next"]
            if after is None:
                return found


def wait_for_tickets(desk: LivingDesk, count: int) -> list[dict[str, Any]]:
    for _ in range(600):
        if len(found := tickets(desk)) >= count:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{len(tickets(desk))} tickets instead of {count}:\n{desk.log()}")


def figures(desk: Operated) -> dict[str, float]:
    """By name and label values, as a reader of the format sees them."""
    found: dict[str, float] = {}
    text = httpx2.get(f"{desk.operators}/metrics", timeout=15).text
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            assert set(sample.labels) <= {*LABELS, "le"}, sample.name
            found[":".join([sample.name, *sample.labels.values()])] = sample.value
    return found


def test_probes_are_answered_at_both_doors(desk: Operated) -> None:
    for door in (desk.url, desk.operators):
        assert httpx2.get(f"{door}/livez").json() == {"state": "live"}
        assert httpx2.get(f"{door}/readyz").json() == {"state": "ready"}


def test_figures_want_a_key_at_the_public_door(desk: Operated) -> None:
    assert httpx2.get(f"{desk.url}/metrics").status_code == 401
    with desk.client() as client:
        assert "sanad_messages_accepted_total" in client.get("/metrics").text
        narrow = client.post("/v1/keys", json={"name": "reader", "scopes": ["tickets:read"]}).json()["token"]
        right = client.post("/v1/keys", json={"name": "prometheus", "scopes": ["operations:read"]}).json()["token"]
    for token, status in ((narrow, 403), (right, 200)):
        answer = httpx2.get(f"{desk.url}/metrics", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status


def test_every_stage_of_a_message_has_its_figure(desk: Operated) -> None:
    shown = figures(desk)
    assert shown["sanad_messages_received_total:webform"] == SENT
    assert shown["sanad_messages_accepted_total:webform"] == SENT
    assert shown["sanad_message_readable_seconds_count:webform"] == SENT
    assert sum(value for name, value in shown.items() if name.startswith("sanad_tickets_opened_total")) == SENT
    assert sum(value for name, value in shown.items() if name.startswith("sanad_tickets_routed_total")) >= SENT
    assert sum(value for name, value in shown.items() if name.startswith("sanad_desk_tickets:support")) == SENT
    posts = [value for name, value in shown.items() if name.startswith("sanad_http_requests_total:POST:/in/forms")]
    assert sum(posts) == SENT


def test_what_a_door_refuses_is_counted_by_its_reason(desk: Operated) -> None:
    refused = httpx2.post(f"{desk.url}{FORM}", json=filled(0), headers={"Origin": "https://elsewhere.example"})
    assert refused.status_code == 403
    shown = figures(desk)
    reasons = [name for name in shown if name.startswith("sanad_messages_refused_total:webform:") and shown[name]]
    assert len(reasons) == 1


def test_a_missed_promise_is_counted_with_how_late_it_was_noticed(desk: Operated) -> None:
    shown = figures(desk)
    for _ in range(200):
        if shown["sanad_breach_detection_seconds_count:first_reply"]:
            break
        time.sleep(0.1)
        shown = figures(desk)
    assert any("sanad_targets_settled_total" in name and "breached" in name and shown[name] for name in shown)
    assert shown["sanad_breach_detection_seconds_count:first_reply"] >= 1


def test_every_consumer_tells_where_it_stands_and_is_not_behind(desk: Operated) -> None:
    shown = figures(desk)
    lags = [name for name in shown if name.startswith("sanad_consumer_lag_records:")]
    assert len(lags) >= 10 * 4
    assert shown["sanad_consumer_position_records:router:0"] > 0
    wrong = ("sanad_dead_letters_total", "sanad_broken_rules_total")
    assert not [name for name in shown if name.startswith(wrong) and shown[name]]


def test_nothing_a_customer_wrote_is_in_figures_or_logs(desk: Operated) -> None:
    assert SECRET_WORD not in httpx2.get(f"{desk.operators}/metrics").text
    assert SECRET_WORD not in desk.log()


def test_every_log_line_is_json_of_listed_keys(desk: Operated) -> None:
    lines = [json.loads(line) for line in desk.log().splitlines() if line.startswith("{")]
    assert {"loaded", "ready"} <= {line["event"] for line in lines}
    for line in lines:
        assert set(line) <= KEYS, line
        assert "dropped keys" not in line.get("error", "")


def test_verbs_find_the_running_desk_in_its_folder(desk: Operated) -> None:
    listed = desk.verb("people", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    assert {"admin", "layla", "sami"} <= {one["id"] for one in json.loads(listed.stdout)}


def test_people_keys_and_sign_in_by_verbs(desk: Operated, tmp_path: Path) -> None:
    file = tmp_path / "more.csv"
    file.write_text("id,name,role,team\nzed,Zed,agent,cards\nyara,Yara,agent,front\n")
    assert "2 of 2 lines are done." in desk.verb("people", "import", str(file)).stderr
    assert desk.verb("people", "presence", "zed", "ready").returncode == 0
    token = desk.verb("keys", "create", "probe", "--scope", "people:read").stdout.strip()
    seat = httpx2.get(f"{desk.url}/v1/agents/zed", headers={"Authorization": f"Bearer {token}"}).json()
    assert (seat["team"], seat["state"]) == ("cards", "ready")
    link = desk.verb("sign-in", "zed").stdout.strip()
    assert link.startswith(f"{desk.url}/sign-in/")
    assert httpx2.get(link).status_code == 200


def test_the_policy_is_shown_compared_and_applied_by_verbs(desk: Operated, tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    text = desk.policy.read_text("utf-8")
    file.write_text(re.sub(r"form_posts_per_minute: \d+", "form_posts_per_minute: 9999", text), "utf-8")
    compared = desk.verb("desk", "diff", str(file))
    assert "form_posts_per_minute" in compared.stdout
    applied = desk.verb("desk", "apply", str(file), "--yes")
    assert applied.returncode == 0, applied.stderr
    assert "decides like version" in desk.verb("desk", "diff", str(file)).stderr


def test_a_rebuild_of_a_sound_desk_finds_nothing_wrong(desk: Operated) -> None:
    rebuilt = desk.verb("rebuild", "all", "--json")
    assert rebuilt.returncode == 0, rebuilt.stderr
    found = {one["projection"]: one for one in json.loads(rebuilt.stdout)}
    assert set(found) == {"console", "clocks", "surveys"}
    for one in found.values():
        assert (one["wrong"], one["missing"], one["extra"]) == (0, 0, 0)
    assert found["console"]["documents"] > SENT


def test_a_second_desk_on_the_same_folder_is_refused(desk: Operated) -> None:
    refused = desk.verb("run", SANAD_HTTP_PORT="0", SANAD_SMTP_PORT="0")
    assert refused.returncode == 2
    assert "already open in process" in refused.stderr
    assert "Traceback" not in refused.stderr


async def test_a_stop_under_load_loses_nothing_and_a_restart_keeps_everything(tmp_path: Path) -> None:
    desk = Operated(tmp_path)
    desk.start()
    taken: list[str] = []
    told_to_stop = False

    async def customer(client: httpx2.AsyncClient, first: int) -> None:
        nonlocal told_to_stop
        for number in range(first, first + 200):
            try:
                answer = await client.post(FORM, json=filled(number), headers={"Origin": desk.url})
            except httpx2.HTTPError:
                return
            if answer.is_success:
                taken.append(answer.json()["message"])
            if len(taken) >= 100 and not told_to_stop:
                told_to_stop = True
                os.kill(desk.pid, signal.SIGTERM)

    async with httpx2.AsyncClient(base_url=desk.url, timeout=30) as client:
        await asyncio.gather(*(customer(client, 1_000 * number) for number in range(32)))
    assert desk.ended() == 0, desk.log()
    assert len(taken) >= 100
    told = [json.loads(line) for line in desk.log().splitlines() if line.startswith("{")]
    assert [line["count"] for line in told if line["event"] == "saved"] == [0]
    desk.start()
    try:
        opened = {ticket["opening"] for ticket in wait_for_tickets(desk, len(taken))}
        assert set(taken) <= opened
        shown = figures(desk)
        assert shown["sanad_messages_accepted_total:webform"] == 0
        assert sum(value for name, value in shown.items() if name.startswith("sanad_desk_tickets")) == len(opened)
    finally:
        desk.stop()


def test_a_second_signal_ends_at_once_and_the_desk_starts_again(tmp_path: Path) -> None:
    desk = Operated(tmp_path)
    desk.start()
    send(desk, 1)
    os.kill(desk.pid, signal.SIGTERM)
    time.sleep(0.05)
    assert desk.stop() in {128 + signal.SIGTERM, 0}
    desk.start()
    try:
        assert len(wait_for_tickets(desk, 1)) == 1
    finally:
        assert desk.stop() == 0


def refused_start(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    rest = {name: value for name, value in os.environ.items() if not name.startswith("SANAD_")}
    ours = {"SANAD_FOLDER": str(folder / "desk"), "SANAD_HTTP_PORT": "0", "SANAD_SMTP_PORT": "0"}
    ran = subprocess.run(
        [sys.executable, "-m", "services", "run"], cwd=HOUSE, env=rest | ours | environment, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 2, ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (folder / "desk").exists()
    return ran


def test_a_wrong_setting_refuses_the_start_with_its_name_and_the_fix(tmp_path: Path) -> None:
    told = refused_start(tmp_path, SANAD_LOG_LEVEL="LOUD").stderr
    assert "SANAD_LOG_LEVEL: " in told
    assert "Default: INFO." in told


def test_a_misspelt_setting_is_named_at_the_start(tmp_path: Path) -> None:
    told = refused_start(tmp_path, SANAD_POLICI="x", SANAD_POLICY=str(tmp_path / "nowhere.yaml")).stderr
    assert "did you mean SANAD_POLICY?" in told


def test_a_wrong_policy_refuses_the_start_with_line_column_and_fix(tmp_path: Path) -> None:
    policy = tmp_path / "desk.yaml"
    text = (HOUSE / "deploy" / "desk.yaml").read_text("utf-8")
    policy.write_text(text.replace("zone: Asia/Riyadh", "zone: Asia/Riyad", 1), "utf-8")
    told = refused_start(tmp_path, SANAD_POLICY=str(policy)).stderr
    assert re.search(r"line \d+, column \d+: desk\.zone: .+; .+", told)


def test_a_policy_that_is_not_there_refuses_the_start_with_the_setting(tmp_path: Path) -> None:
    assert "set SANAD_POLICY" in refused_start(tmp_path, SANAD_POLICY=str(tmp_path / "nowhere.yaml")).stderr


def test_a_taken_port_refuses_the_start_with_the_port(tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"127.0.0.1:{port}" in refused_start(tmp_path, SANAD_HTTP_PORT=str(port)).stderr
