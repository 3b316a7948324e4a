"""Verbs as they are typed: what they ask the desk, what they print, how they end."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from services.verbs.cli import GROUPS, VERBS, build
from services.verbs.talk import REFUSED, SILENT, WRONG
from tests.unit.verbs.stand import Stand

EXAMPLE = Path(__file__).resolve().parents[3] / "deploy" / "desk.yaml"
LETTER: dict[str, Any] = {
    "id": "l1", "source": "router", "reason": "a rule failed on it", "error": "", "at": 1_800_000_000_000,
    "attempts": 1, "state": "kept", "state_at": 1_800_000_000_000, "size": 5,
    "origin": {"topic": "sanad.commands", "partition": 0, "offset": 7},
}  # fmt: skip
AGENT: dict[str, Any] = {
    "id": "layla", "name": "ليلى", "role": "agent", "team": "cards", "state": "ready", "load": 2, "capacity": 6,
    "removed": False,
}  # fmt: skip


def call(*words: str, answer: str = "") -> Result:
    return CliRunner().invoke(build(), [*words], input=answer)


def commands() -> list[tuple[str, str]]:
    """Every verb with what it says of itself, those of groups too."""
    root: Any = typer.main.get_command(build())
    found = []
    for name, one in root.commands.items():
        within = getattr(one, "commands", {"": one})
        found += [(f"{name} {inner}".strip(), command.help or "") for inner, command in within.items()]
    return found


def test_all_verbs_are_there() -> None:
    assert {name.split()[0] for name, _ in commands()} == {*VERBS, *GROUPS}
    assert len(commands()) >= 20


@pytest.mark.parametrize(("name", "says"), commands(), ids=[name for name, _ in commands()])
def test_every_verb_says_what_it_does(name: str, says: str) -> None:
    assert len(says) > 15, name


def test_people_are_listed_for_people_and_for_programs(stand: Stand) -> None:
    removed = {**AGENT, "id": "gone", "removed": True}
    stand.on("GET", "/v1/agents", {"items": [AGENT, removed], "next": None})
    shown = call("people", "list")
    assert "ليلى" in shown.stdout
    assert "2/6" in shown.stdout
    assert "gone" not in shown.stdout
    assert [one["id"] for one in json.loads(call("people", "list", "--json").stdout)] == ["layla", "gone"]


def test_a_file_of_people_is_checked_before_it_is_taken(stand: Stand, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("id,name\nlayla,Layla\n")
    result = {"lines": 1, "dry_run": True, "faults": [], "refused": [], "done": 0, "undecided": 0}
    stand.on("POST", "/v1/people/import", result, {**result, "dry_run": False, "done": 1})
    done = call("people", "import", str(file))
    assert done.exit_code == 0
    assert "1 of 1 lines are done." in done.stderr
    first, second = stand.told
    assert (first.query, second.query) == ({"dry_run": "true"}, {})
    assert first.content == second.content == file.read_bytes()


def test_a_faulty_file_of_people_changes_nothing(stand: Stand, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("id\nlayla\n")
    fault = {"line": 2, "column": "team", "wrong": "no such team in the policy"}
    stand.on("POST", "/v1/people/import", {"lines": 1, "dry_run": True, "faults": [fault], "refused": [], "done": 0})
    done = call("people", "import", str(file))
    assert done.exit_code == REFUSED
    assert "line 2, team: no such team in the policy" in done.stderr
    assert len(stand.told) == 1


def test_a_dry_run_ends_after_the_check(stand: Stand, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("id\nlayla\n")
    result = {"lines": 1, "dry_run": True, "faults": [], "refused": [], "done": 0, "undecided": 0}
    stand.on("POST", "/v1/people/import", result)
    assert "Nothing was changed." in call("people", "import", str(file), "--dry-run").stderr
    assert len(stand.told) == 1


def test_what_is_not_said_of_a_seat_is_not_sent(stand: Stand) -> None:
    stand.on("PUT", "/v1/agents/zed", {"command": "c1", "state": "done"})
    call("people", "add", "zed", "--team", "cards", "--skill", "fraud:5", "--skill", "language:ar", "--also", "front")
    skills = [{"id": "fraud", "level": 5}, {"id": "language:ar"}]
    assert stand.told[0].body == {"team": "cards", "skills": skills, "secondary_teams": ["front"]}


def test_an_id_with_a_slash_stays_one_id(stand: Stand) -> None:
    stand.on("PUT", "/v1/agents/a%2Fb/presence", {"command": "c1", "state": "done"})
    assert call("people", "presence", "a/b", "not_ready", "--reason", "break").exit_code == 0
    assert stand.told[0].body == {"state": "not_ready", "reason": "break", "channels": []}


def test_a_new_key_is_all_there_is_on_standard_output(stand: Stand) -> None:
    stand.on("POST", "/v1/keys", {"id": "k1", "token": "sk_k1_secret"}, status=201)
    made = call("keys", "create", "prometheus", "--scope", "operations:read")
    assert made.stdout == "sk_k1_secret\n"
    assert stand.told[0].body == {"name": "prometheus", "role": "integrator", "scopes": ["operations:read"]}


def test_all_keys_are_listed_however_many_there_are(stand: Stand) -> None:
    key = {"name": "crm", "role": "lead", "scopes": [], "created_at": 1, "created_by": "a", "revoked_at": None}
    pages = [{"items": [{**key, "id": "k1"}], "next": "two"}, {"items": [{**key, "id": "k2"}], "next": None}]
    stand.on("GET", "/v1/keys", *pages)
    listed = json.loads(call("keys", "list", "--json").stdout)
    assert [one["id"] for one in listed] == ["k1", "k2"]


def test_a_key_is_revoked(stand: Stand) -> None:
    stand.on("DELETE", "/v1/keys/k1", b"", status=204)
    assert call("keys", "revoke", "k1").exit_code == 0


def test_a_dead_letters_words_come_only_when_asked_for(stand: Stand) -> None:
    original = base64.b64encode("بطاقتي".encode()).decode()
    stand.on("GET", "/v1/dead-letters/l1", {**LETTER, "original": original})
    shown = call("dead-letters", "show", "l1")
    assert "sanad.commands/0/7" in shown.stdout
    assert "بطاقتي" not in shown.stdout
    assert original not in shown.stdout + call("dead-letters", "show", "l1", "--json").stdout
    assert call("dead-letters", "show", "l1", "--original").stdout_bytes == "بطاقتي".encode()


def test_all_dead_letters_are_tried_again_and_one_refusal_stops_no_other(stand: Stand) -> None:
    from_mail = {**LETTER, "id": "l2", "source": "mail", "origin": None}
    stand.on("GET", "/v1/dead-letters", {"items": [LETTER, from_mail], "next": None})
    stand.on("POST", "/v1/dead-letters/l1/redrive", {"reason": "not_redrivable_here", "detail": ""}, status=409)
    stand.on("POST", "/v1/inbound/l2/redrive", b"", status=204)
    done = call("dead-letters", "redrive", "--all")
    assert done.exit_code == REFUSED
    assert "l1: not_redrivable_here" in done.stderr
    assert "1 of 2 tried again." in done.stderr


def test_named_dead_letters_are_discarded(stand: Stand) -> None:
    stand.on("GET", "/v1/dead-letters/l1", {**LETTER, "original": ""})
    stand.on("DELETE", "/v1/dead-letters/l1", b"", status=204)
    assert call("dead-letters", "discard", "l1").exit_code == 0
    assert len(stand.asked("DELETE", "/v1/dead-letters/l1")) == 1


@pytest.mark.parametrize("words", [("redrive", "l1", "--all"), ("discard", "l1", "--all")])
def test_naming_some_and_all_at_once_is_a_wrong_call(stand: Stand, words: tuple[str, ...]) -> None:
    assert call("dead-letters", *words).exit_code == WRONG
    assert stand.told == []


def test_messages_set_aside_are_listed_without_their_words_and_restored(stand: Stand) -> None:
    aside = {"id": "m1", "at": 0, "channel": "email", "reason": "spam", "content": {"text": "buy now"}}
    stand.on("GET", "/v1/set-aside", {"items": [aside], "next": None})
    stand.on("POST", "/v1/set-aside/m1/restore", {"command": "c", "state": "done"})
    shown = call("set-aside", "list").stdout
    assert "spam" in shown
    assert "buy now" not in shown
    assert call("set-aside", "restore", "m1").exit_code == 0


def test_a_sign_in_link_is_whole_and_alone_on_standard_output(stand: Stand) -> None:
    stand.on("POST", "/v1/agents/layla/sign-in-link", {"path": "/sign-in/abc", "expires_at": 0}, status=201)
    assert call("sign-in", "layla").stdout == f"{stand.url}/sign-in/abc\n"


def test_a_rebuild_is_followed_to_its_end(stand: Stand) -> None:
    counts = {"documents": 26, "wrong": 1, "missing": 0, "extra": 0}
    begun = {"projection": "console", "state": "running", "read": 3, "end": 9, **counts}
    stand.on("POST", "/v1/projections/console/rebuild", begun, status=202)
    stand.on("GET", "/v1/projections/console/rebuild", begun, {**begun, "state": "done", "read": 9})
    done = call("rebuild", "console")
    assert done.exit_code == 0
    assert "console     done   26         1" in done.stdout
    assert len(stand.asked("GET", "/v1/projections/console/rebuild")) == 2


def test_a_rebuild_that_failed_ends_badly(stand: Stand) -> None:
    failed = {"projection": "clocks", "state": "failed", "read": 0, "end": 0}
    counts = {"documents": 0, "wrong": 0, "missing": 0, "extra": 0}
    stand.on("POST", "/v1/projections/clocks/rebuild", {**failed, **counts}, status=202)
    assert call("rebuild", "clocks").exit_code == REFUSED


def test_the_policy_in_force_is_shown(stand: Stand) -> None:
    policy = {"desk": {"id": "support"}, "teams": {"cards": {}}, "skills": {}}
    stand.on("GET", "/v1/policy", {"version": 3, "applied_at": 1_800_000_000_000, "policy": policy})
    shown = call("desk", "show").stdout
    for word in ("support", "3", "2027-01-15 08:00:00Z", "cards"):
        assert word in shown


def test_a_sound_file_is_in_order_without_any_desk() -> None:
    checked = call("desk", "validate", str(EXAMPLE))
    assert (checked.exit_code, checked.stderr) == (0, "")
    assert "in order" in checked.stdout


def test_a_faulty_file_is_told_line_by_line_with_the_fix(tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text(EXAMPLE.read_text("utf-8").replace("zone: Asia/Riyadh", "zone: Asia/Riyad", 1), "utf-8")
    checked = call("desk", "validate", str(file))
    assert checked.exit_code == REFUSED
    assert f"{file}: line " in checked.stderr
    assert "Asia/Riyadh" in checked.stderr


def test_a_policy_is_compared_and_applied_after_a_yes(stand: Stand) -> None:
    change = {"path": "teams.cards.name", "before": "Cards", "after": "Card desk"}
    stand.on("POST", "/v1/policy/diff", {"version": 3, "changes": [change]})
    stand.on("POST", "/v1/policy", {"command": "c", "state": "done"})
    stand.on("GET", "/v1/policy", {"version": 4})
    applied = call("desk", "apply", str(EXAMPLE), "--yes")
    assert "~ teams.cards.name: Cards → Card desk" in applied.stdout
    assert "Version 4 is in force." in applied.stderr
    assert stand.asked("POST", "/v1/policy")[0].content == EXAMPLE.read_bytes()


def test_where_nobody_can_be_asked_nothing_is_applied(stand: Stand) -> None:
    stand.on("POST", "/v1/policy/diff", {"version": 3, "changes": []})
    assert call("desk", "apply", str(EXAMPLE)).exit_code == WRONG
    assert stand.asked("POST", "/v1/policy") == []


def test_a_refused_policy_names_every_finding(stand: Stand) -> None:
    finding = {"line": 7, "column": 3, "path": "teams", "wrong": "no team", "fix": "name one"}
    stand.on("POST", "/v1/policy/diff", {"reason": "policy_errors", "detail": "", "findings": [finding]}, status=422)
    refused = call("desk", "diff", str(EXAMPLE))
    assert refused.exit_code == REFUSED
    assert "line 7, column 3: teams: no team; name one" in refused.stderr


def test_without_a_desk_a_verb_says_how_to_start_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANAD_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("SANAD_KEY", "sk")
    silent = call("keys", "list")
    assert silent.exit_code == SILENT
    assert "make run" in silent.stderr
    assert "Traceback" not in silent.stderr


def test_a_wrong_setting_stops_a_verb_before_it_asks(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANAD_HTTP_PORT", "eighty")
    assert call("keys", "list").exit_code == WRONG
    assert stand.told == []


def test_settings_are_shown_without_secrets_and_with_what_is_misspelt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANAD_KEY", "sk_secret")
    monkeypatch.setenv("SANAD_HTTP_PROT", "1")
    shown = call("settings", "--json")
    assert json.loads(shown.stdout)["key"] == "(set)"
    assert "sk_secret" not in shown.output
    assert "did you mean SANAD_HTTP_PORT?" in shown.stderr.replace("\n", " ")
