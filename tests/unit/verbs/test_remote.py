"""Talking to a desk: pages, decisions that take a while, refusals, and nobody there."""

import socket
from pathlib import Path

import pytest

from services.verbs.address import noted, reachable
from services.verbs.remote import NoAnswer, Refused, Remote, open_remote
from shared.settings import Settings
from tests.unit.verbs.stand import Stand


@pytest.fixture
def remote(stand: Stand) -> Remote:
    return Remote(stand.url, "sk_test")


def settings(folder: Path, **more: str) -> Settings:
    return Settings.model_validate({"folder": folder, "url": "", "key": "", **more})


def test_a_key_goes_along_with_every_request(stand: Stand, remote: Remote) -> None:
    stand.on("GET", "/v1/keys", {"items": []})
    with remote:
        remote.get("/v1/keys", nothing=None, state="kept")
    (told,) = stand.told
    assert told.headers["authorization"] == "Bearer sk_test"
    assert told.query == {"state": "kept"}


def test_a_list_is_read_to_its_end(stand: Stand, remote: Remote) -> None:
    pages = [{"items": [{"id": 1}, {"id": 2}], "next": "two"}, {"items": [{"id": 3}], "next": None}]
    stand.on("GET", "/v1/agents", *pages)
    assert [one["id"] for one in remote.pages("/v1/agents", team="cards")] == [1, 2, 3]
    first, second = stand.told
    assert "after" not in first.query
    assert second.query == {"after": "two", "team": "cards", "limit": "200"}


def test_a_write_that_is_not_decided_yet_is_asked_for_until_it_is(stand: Stand, remote: Remote) -> None:
    waiting = {"command": "c1", "state": "accepted"}
    stand.on("PUT", "/v1/agents/zed", waiting, status=202)
    stand.on("GET", "/v1/commands/c1", waiting, {"command": "c1", "state": "done", "seq": 7})
    assert remote.send("PUT", "/v1/agents/zed", {"name": "Zed"})["seq"] == 7
    assert len(stand.asked("GET", "/v1/commands/c1")) == 2
    assert stand.asked("PUT", "/v1/agents/zed")[0].body == {"name": "Zed"}


def test_a_refusal_that_comes_late_is_a_refusal(stand: Stand, remote: Remote) -> None:
    stand.on("PUT", "/v1/agents/zed", {"command": "c1", "state": "accepted"}, status=202)
    stand.on("GET", "/v1/commands/c1", {"command": "c1", "state": "refused", "reason": "no_such_team"})
    with pytest.raises(Refused, match="no_such_team"):
        remote.send("PUT", "/v1/agents/zed", {})


def test_a_decision_that_never_comes_names_the_command(
    stand: Stand, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.verbs.remote.PATIENCE", 0)
    waiting = {"command": "c1", "state": "accepted"}
    stand.on("POST", "/v1/policy", waiting, status=202)
    stand.on("GET", "/v1/commands/c1", waiting)
    with pytest.raises(Refused, match="taken as command c1"):
        remote.upload("/v1/policy", b"desk: {}", "application/yaml")


def test_a_refusal_keeps_its_reason_and_its_findings(stand: Stand, remote: Remote) -> None:
    findings = [{"line": 3, "wrong": "no such team"}]
    stand.on("POST", "/v1/policy", {"reason": "policy_errors", "detail": "See.", "findings": findings}, status=422)
    with pytest.raises(Refused) as refused:
        remote.upload("/v1/policy", b"desk: {}", "application/yaml")
    assert (refused.value.status, refused.value.reason, refused.value.findings) == (422, "policy_errors", findings)
    assert str(refused.value) == "See (policy_errors)"
    assert stand.told[0].headers["content-type"] == "application/yaml"


@pytest.mark.parametrize("body", [b"<html>504</html>", b"[]", b"{}", b'"no"'])
def test_who_does_not_answer_as_a_desk_is_no_desk(stand: Stand, remote: Remote, body: bytes) -> None:
    stand.on("GET", "/v1/keys", body, status=504)
    with pytest.raises(NoAnswer, match="is SANAD_URL right"):
        remote.get("/v1/keys")


def test_an_answer_without_a_body_is_fine(stand: Stand, remote: Remote) -> None:
    stand.on("DELETE", "/v1/keys/k1", b"", status=204)
    assert remote.send("DELETE", "/v1/keys/k1") == {}


def test_where_nobody_listens_the_way_to_start_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(NoAnswer, match="start the desk with `make run`"):
            Remote(url, "sk").get("/v1/keys")


def test_a_desk_says_in_its_folder_where_it_answers(tmp_path: Path) -> None:
    (tmp_path / "admin.key").write_text("sk_admin\n")
    with reachable(tmp_path, "http://0.0.0.0:4711"):
        assert open_remote(settings(tmp_path)).url == "http://127.0.0.1:4711"
    assert noted(tmp_path) is None
    assert open_remote(settings(tmp_path)).url == "http://127.0.0.1:8000"


def test_what_is_set_goes_before_what_lies_in_the_folder(tmp_path: Path) -> None:
    with reachable(tmp_path, "http://127.0.0.1:4711"):
        remote = open_remote(settings(tmp_path, url="https://desk.example/", key="sk"))
    assert remote.url == "https://desk.example"


def test_without_a_key_nothing_is_asked(tmp_path: Path) -> None:
    with pytest.raises(NoAnswer, match="set SANAD_KEY"):
        open_remote(settings(tmp_path))
