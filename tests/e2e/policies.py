"""The example desk's policy with its clocks set to seconds, so that a test sees what a day brings."""

from pathlib import Path

from ruamel.yaml import YAML

from tests.e2e.living_desk import HOUSE


def write_fast_policy(folder: Path, *, acknowledges: bool = True) -> Path:
    """A copy of the example policy: lost cards promise a reply in two seconds, surveys come at once."""
    yaml = YAML()
    policy = yaml.load(HOUSE / "deploy" / "desk.yaml")
    lost_card = next(one for one in policy["sla"] if one["id"] == "lost-card")
    lost_card["targets"]["first_reply"]["within"] = "2s"
    lost_card["warnings"] = [{"before": "1s", "targets": "first_reply", "to": ["owner", "team"]}]
    policy["surveys"]["csat"]["delay"] = "1s"
    policy["limits"] = {"form_posts_per_minute": 10_000}
    if not acknowledges:
        policy["texts"] = {"acknowledgement": {"enabled": False}}
    path = folder / "desk.yaml"
    yaml.dump(policy, path)
    (folder / "people.csv").write_bytes((HOUSE / "deploy" / "people.csv").read_bytes())
    return path
