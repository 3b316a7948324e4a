"""The compose file without an engine to run it: whatever one part says of another is so."""

import importlib.util
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from deploy.board.dashboard import SOURCE, UID
from deploy.engines import kafka
from services.verbs.children import FOLLOWERS
from services.verbs.cli import build
from services.verbs.configured import lacking
from services.verbs.parts import NAMES
from shared.settings import Settings
from tests.architecture.tree import ROOT
from tests.unit.deploy import image

DEPLOY = ROOT / "deploy"
YAML_READER = YAML(typ="safe")
COMPOSE: Mapping[str, Any] = YAML_READER.load(DEPLOY / "compose.yaml")
PARTS: Mapping[str, Mapping[str, Any]] = COMPOSE["services"]
OURS = {name: part for name, part in PARTS.items() if part["image"].startswith("sanad")}
LASTING = {name: part for name, part in OURS.items() if part["command"][0] != "services"}
GIVEN = re.compile(r"\$\{(\w+):-([^}]*)\}")
LONGEST_DRAIN = 30
KEY = re.compile(r"^[A-Z_]+$")


def environment(part: Mapping[str, Any]) -> dict[str, str]:
    """Of a container, with all that may be set from outside unset."""
    given = {name: GIVEN.sub(r"\2", str(value)) for name, value in part.get("environment", {}).items()}
    return {**image.environment(), **given}


def settings(name: str) -> Settings:
    own = {
        key.removeprefix("SANAD_").lower(): value for key, value in environment(OURS[name]).items() if "SANAD" in key
    }
    return Settings.model_validate(own)


def mounts(part: Mapping[str, Any]) -> dict[str, str]:
    """Where in the container → what from."""
    return {words[1]: words[0] for mount in part.get("volumes", ()) if (words := mount.split(":"))}


def test_every_service_runs_and_the_gateway_in_both_its_roles() -> None:
    run = {(part["command"][0].removeprefix("services."), settings(name).role) for name, part in LASTING.items()}
    assert run == {(name, "all") for name in NAMES if name != "gateway"} | {
        ("gateway", "projector"),
        ("gateway", "http"),
    }


def test_who_only_follows_leaves_the_cores_to_the_others() -> None:
    assert {name for name, part in PARTS.items() if "cpu_shares" in part} == set(FOLLOWERS)


@pytest.mark.parametrize("name", OURS)
def test_what_is_set_are_settings_that_are_accepted(name: str) -> None:
    known = {f"SANAD_{field.upper()}" for field in Settings.model_fields}
    assert set(OURS[name]["environment"]) <= known
    assert list(lacking(settings(name))) == []
    assert settings(name).public_url


@pytest.mark.parametrize("name", OURS)
def test_every_command_exists(name: str) -> None:
    module, *words = OURS[name]["command"]
    assert importlib.util.find_spec(f"{module}.__main__")
    if words:
        verb = next(one for one in build().registered_commands if one.name == words[0])
        assert verb.callback is not None
        assert {word.strip("-") for word in words[1:]} <= set(verb.callback.__annotations__)


def test_all_share_one_folder_of_secrets_that_only_the_first_step_writes() -> None:
    place = environment(OURS["router"])["SANAD_SECRETS_FOLDER"]
    assert {mounts(part)[place] for part in OURS.values()} == {"secrets"}
    writers = {name for name, part in OURS.items() if f"secrets:{place}" in part["volumes"]}
    assert writers == {"prepare"}
    assert {mounts(part)[environment(part)["SANAD_FOLDER"]] for part in OURS.values()} == {"desk"}


@pytest.mark.parametrize("name", OURS)
def test_a_process_of_ours_can_write_nowhere_else_and_may_do_nothing_special(name: str) -> None:
    part = OURS[name]
    assert part["read_only"] is True
    assert part["cap_drop"] == ["ALL"]
    assert part["tmpfs"] == ["/tmp"]
    assert part["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", LASTING)
def test_a_process_that_is_stopped_is_given_the_time_to_drain(name: str) -> None:
    assert int(LASTING[name]["stop_grace_period"].removesuffix("s")) > LONGEST_DRAIN
    assert LASTING[name]["restart"] == "unless-stopped"


def test_whatever_a_part_refers_to_is_there_and_nothing_is_there_for_nobody() -> None:
    for part in PARTS.values():
        assert set(part.get("depends_on", ())) <= set(PARTS)
    named = {what for part in PARTS.values() for what in mounts(part).values() if not what.startswith(".")}
    assert named == set(COMPOSE["volumes"])
    assert {network for part in PARTS.values() for network in part["networks"]} == set(COMPOSE["networks"])
    for what in (what for part in PARTS.values() for what in mounts(part).values() if what.startswith(".")):
        assert (DEPLOY / what).is_dir(), what
    built = OURS["router"]["build"]
    assert (DEPLOY / built["context"] / built["dockerfile"]).resolve() == image.DOCKERFILE


def test_steps_come_in_order() -> None:
    assert {one["condition"] for one in PARTS["prepare"]["depends_on"].values()} == {"service_healthy"}
    for part in LASTING.values():
        assert part["depends_on"] == {"prepare": {"condition": "service_completed_successfully"}}
    assert {"router", "projector", "gateway"} <= set(PARTS["install"]["depends_on"])
    for name in PARTS["prepare"]["depends_on"]:
        assert PARTS[name]["healthcheck"]["test"][0] == "CMD"


def test_only_doors_are_published_and_only_on_this_machine() -> None:
    published = {name: part["ports"] for name, part in PARTS.items() if "ports" in part}
    assert set(published) == {"gateway", "ingest", "prometheus", "grafana"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    assert published["gateway"] == [f"127.0.0.1:{settings('gateway').http_port}:{settings('gateway').http_port}"]
    assert published["ingest"] == [f"127.0.0.1:{settings('ingest').smtp_port}:{settings('ingest').smtp_port}"]
    assert settings("gateway").public_url.endswith(f":{settings('gateway').http_port}")
    inner = {name for name, part in PARTS.items() if part["networks"] == ["inside"]}
    assert {"kafka", "mongo", "router", "sla", "survey", "projector"} <= inner
    assert COMPOSE["networks"]["inside"] == {"internal": True}


def test_addresses_are_those_of_the_parts() -> None:
    own = settings("router")
    host, port = own.kafka_servers.split(":")
    assert f"PLAINTEXT://{host}:{port}" == PARTS[host]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    members = " ".join(PARTS["mongo"]["healthcheck"]["test"])
    assert re.search(r"//([^/]+)/", own.mongo_url)[1] in members  # type: ignore[index]  # it is there
    assert own.mongo_url.partition("replicaSet=")[2] == PARTS["mongo"]["command"][1]
    assert f'_id: "{PARTS["mongo"]["command"][1]}"' in members


def test_kafka_is_the_one_that_is_tested_and_knows_its_settings() -> None:
    version = re.search(r"kafka_2\.13</artifactId><version>([^<]+)<", (kafka.RECIPE / "pom.xml").read_text())
    assert version
    assert PARTS["kafka"]["image"] == f"apache/kafka:{version[1]}"
    known = {line.split("=")[0] for line in kafka.PROPERTIES.splitlines()} | {"heap.opts"}
    names = {name.removeprefix("KAFKA_").lower().replace("_", ".") for name in PARTS["kafka"]["environment"]}
    assert names <= known
    assert settings("router").kafka_replicas == 1


def test_prometheus_looks_at_every_process_of_ours_once() -> None:
    config = YAML_READER.load(DEPLOY / "prometheus" / "prometheus.yml")
    sanad = next(job for job in config["scrape_configs"] if job["job_name"] == "sanad")
    [found] = sanad["dns_sd_configs"]
    assert set(found["names"]) == set(LASTING)
    assert found["port"] == settings("router").metrics_port
    watching = set(PARTS["prometheus"]["networks"])
    assert all(len(watching & set(part["networks"])) == 1 for part in LASTING.values())


def test_grafana_finds_prometheus_and_the_board() -> None:
    provisioning = DEPLOY / "grafana" / "provisioning"
    [source] = YAML_READER.load(provisioning / "datasources" / "prometheus.yaml")["datasources"]
    assert source["type"] == SOURCE.type_val
    assert source["url"] == "http://prometheus:9090"
    assert set(PARTS["grafana"]["networks"]) & set(PARTS["prometheus"]["networks"])
    [provider] = YAML_READER.load(provisioning / "dashboards" / "boards.yaml")["providers"]
    inside = mounts(PARTS["grafana"])
    home = Path(environment(PARTS["grafana"])["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    assert provider["options"]["path"] == str(home.parent)
    board = json.loads((DEPLOY / inside[str(home.parent)] / home.name).read_text("utf-8"))
    assert board["uid"] == UID
    interval = YAML_READER.load(DEPLOY / "prometheus" / "prometheus.yml")["global"]["scrape_interval"]
    assert source["jsonData"]["timeInterval"] == interval


def test_boards_are_made_for_the_grafana_that_runs() -> None:
    pinned = re.search(r"grafana-foundation-sdk==\d+!(\S+)", (ROOT / "requirements" / "dev.in").read_text())
    assert pinned
    assert PARTS["grafana"]["image"] == f"grafana/grafana:{pinned[1]}"


def test_every_image_has_a_version() -> None:
    assert all(re.search(r":(v?\d+\.\d+|local)", part["image"]) for part in PARTS.values())
