"""The README starts with the two commands, and its map is the tree."""

import re

import pytest

from shared.catalogue.rule_sets import SHIPPED
from tests.architecture.tree import ROOT, SERVICES, paths

TOPS = ("services", "shared", "tests", "deploy", "requirements", ".ci")
COMMANDS = ("make run", "make test")
FIRST_LINES = 8


def readme() -> str:
    return (ROOT / "README.md").read_text("utf-8")


def quoted_paths(text: str) -> set[str]:
    """What stands in backticks and begins like a path of this repository; a `<name>` or `*` ends the checkable part."""
    found = set()
    for quoted in re.findall(r"`([^`\s]+)`", text):
        path = re.split(r"[<*…]", quoted)[0]
        if path.split("/")[0] in TOPS:
            found.add(path.rstrip("/:"))
    return found


def missing(text: str, listed: set[str]) -> list[str]:
    """Paths the text names and the tree lacks, as a file, a folder, or a module without its ending."""
    known = listed | {f"{path.rsplit('/', depth)[0]}" for path in listed for depth in range(1, path.count("/") + 1)}
    return sorted(path for path in quoted_paths(text) if path not in known and f"{path}.py" not in known)


def unmentioned(text: str, parts: list[str]) -> list[str]:
    """Parts named neither by path nor, in a service's case, by their own name."""
    return [part for part in parts if f"`{part}" not in text and f"`{part.removeprefix('services/')}`" not in text]


def parts(listed: set[str]) -> list[str]:
    """Every service present, every top folder, every folder of tests: what a map must show."""
    services = [f"services/{name}" for name in SERVICES if f"services/{name}/__init__.py" in listed]
    tops = [top for top in TOPS if any(path.startswith(f"{top}/") for path in listed)]
    tests = {f"tests/{path.split('/')[1]}" for path in listed if path.startswith("tests/") and path.count("/") > 1}
    return [*tops, *services, *sorted(tests)]


def empty_sections(text: str) -> list[str]:
    """Headings followed by nothing before the next heading of the same or a higher level."""
    headings = list(re.finditer(r"^(#+) (.+)$", without_code(text), re.MULTILINE))
    ends = [*(heading.start() for heading in headings[1:]), len(without_code(text))]
    return [
        heading[2]
        for heading, end, after in zip(headings, ends, [*headings[1:], None], strict=True)
        if not without_code(text)[heading.end() : end].strip() and (after is None or len(after[1]) <= len(heading[1]))
    ]


def without_code(text: str) -> str:
    """The text with code blocks kept as one word, so that a comment in them is no heading."""
    return re.sub(r"^```.*?^```", "code", text, flags=re.MULTILINE | re.DOTALL)


def test_the_first_lines_are_the_two_commands() -> None:
    first = "\n".join(readme().splitlines()[:FIRST_LINES])
    assert [command for command in COMMANDS if re.search(rf"^\s*{command}\b", first, re.MULTILINE)] == list(COMMANDS)


def test_the_map_names_only_what_exists() -> None:
    assert missing(readme(), set(paths())) == []


def test_the_map_shows_every_part() -> None:
    assert unmentioned(readme(), parts(set(paths()))) == []


def switched(text: str) -> tuple[str, ...]:
    """Rules that are switched on after an upgrade, and those that are told of, where both are the same."""
    (loop,) = re.findall(r"^for rules in (.+); do$", text, re.MULTILINE)
    rows = re.findall(r"^\| `(\w+)` \| ", text.partition("| rules |")[2].partition("\n\n")[0], re.MULTILINE)
    return tuple(loop.split()) if loop.split() == rows else ()


def test_all_rules_are_switched_on_after_an_upgrade_and_told_of() -> None:
    assert switched(readme()) == SHIPPED


@pytest.mark.parametrize("lost", ["for rules in (a)", "| `(a)` | one"])
def test_rules_that_are_forgotten_in_one_place_are_found(lost: str) -> None:
    text = "for rules in a b; do\n\n| rules | what |\n|---|---|\n| `a` | one |\n| `b` | two |\n\n| `c` | no |\n"
    assert switched(text) == ("a", "b")
    assert switched(text.replace(lost.replace("(a)", "a"), lost.replace("(a)", "c"))) == ()


def test_no_section_is_empty() -> None:
    assert empty_sections(readme()) == []


TREE = {"services/router/__init__.py", "services/router/rules.py", "shared/clock.py", "tests/unit/test_a.py"}


@pytest.mark.parametrize(
    "path", ["services/billing", "shared/clock.txt", "services/router/rules/waiting.py", "deploy/"]
)
def test_a_path_that_is_not_there_is_found(path: str) -> None:
    assert missing(f"Look in `{path}`.", TREE) == [path.rstrip("/")]


@pytest.mark.parametrize(
    "path", ["services/router/rules.py", "services/router/", "shared/clock", "services/<each>/app", "x/y"]
)
def test_a_path_that_is_there_passes(path: str) -> None:
    assert missing(f"Look in `{path}`.", TREE) == []


def test_a_part_without_a_mention_is_found() -> None:
    assert unmentioned("`services/sla` and `tests/unit`", parts(TREE)) == ["shared", "services/router"]


def test_a_service_may_be_mentioned_by_its_own_name() -> None:
    assert unmentioned("`services/`, `shared/`, `router`, `tests/unit`", parts(TREE)) == []


def test_an_empty_section_is_found() -> None:
    text = "# Sanad\n## Run\n```\n# not a heading\n```\n## Later\n\n## Why\n### Deep\nBecause.\n## End\n"
    assert empty_sections(text) == ["Later", "End"]
