"""Styles and scripts: ours, whole, harmless, kept for ever under a name that changes with them."""

import re
from pathlib import Path

import pytest

from services.gateway.console.assets import FOLDER, Assets, read_assets
from tests.unit.gateway.console.house import House

pytestmark = pytest.mark.anyio
ASSETS: list[str] = [path.name for path in sorted(FOLDER.iterdir())]


@pytest.fixture(scope="module")
def assets() -> Assets:
    return read_assets()


@pytest.mark.parametrize("name", ASSETS)
async def test_every_file_is_served_as_what_it_is_and_kept(house: House, assets: Assets, name: str) -> None:
    async with await house.browser("") as browser:
        response = await browser.get(f"{assets.root}/{name}")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith(assets.media_type(name))
    assert "immutable" in response.headers["Cache-Control"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.content == (FOLDER / name).read_bytes()


@pytest.mark.parametrize("name", ["nothing.js", "../__init__.py", "..%2f__init__.py", ""])
async def test_nothing_else_is_served_from_there(house: House, assets: Assets, name: str) -> None:
    async with await house.browser("") as browser:
        assert (await browser.get(f"{assets.root}/{name}")).status_code == 404


async def test_browsers_that_ask_for_a_mark_get_one(house: House) -> None:
    async with await house.browser("") as browser:
        response = await browser.get("/favicon.ico")
    assert (response.status_code, response.headers["content-type"]) == (200, "image/svg+xml")


def test_the_same_files_have_the_same_name(assets: Assets) -> None:
    assert read_assets().root == assets.root
    assert re.fullmatch(r"/console/[0-9a-f]{16}", assets.root)


def test_scripts_import_only_files_that_are_there(assets: Assets) -> None:
    for path in FOLDER.glob("*.js"):
        for name in re.findall(r'from "\./([^"]+)"', path.read_text()):
            assert name in assets.files, f"{path.name} imports {name}"


@pytest.mark.parametrize("name", ASSETS)
def test_nothing_is_fetched_from_elsewhere(name: str) -> None:
    text = (FOLDER / name).read_text().replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"@import|url\(|https?://|//[a-z]+\.[a-z]", text)


@pytest.mark.parametrize("name", [name for name in ASSETS if name.endswith(".js")])
def test_scripts_make_no_markup_out_of_text(name: str) -> None:
    text = (FOLDER / name).read_text()
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\.style\b", text
    )


def test_layout_has_no_left_and_right() -> None:
    text = Path(FOLDER / "console.css").read_text()
    assert not re.search(
        r"(margin|padding|border|inset)-(left|right)|(?<![-\w])(left|right)\s*:|text-align:\s*(left|right)|float:", text
    )


def test_dark_and_light_have_the_same_colours() -> None:
    light, dark = re.findall(r":root \{(.*?)\}", (FOLDER / "console.css").read_text(), re.DOTALL)
    names = [set(re.findall(r"(--[a-z-]+):", palette)) for palette in (light, dark)]
    assert names[0] - {"--radius"} == names[1]


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance of #rrggbb."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


PAIRS = [
    ("ink", "ground"), ("ink", "sheet"), ("ink", "soft"), ("ink", "note"), ("faint", "ground"), ("faint", "sheet"),
    ("faint", "soft"), ("strong", "sheet"), ("strong", "soft"), ("strong", "ground"), ("on-strong", "strong"),
    ("late", "late-soft"), ("late", "sheet"), ("soon", "soon-soft"), ("soon", "sheet"), ("good", "good-soft"),
    ("good", "sheet"),
]  # fmt: skip


@pytest.mark.parametrize(("ink", "paper"), PAIRS)
@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_words_stand_out_from_what_is_behind_them(ink: str, paper: str, scheme: int) -> None:
    palette = re.findall(r":root \{(.*?)\}", (FOLDER / "console.css").read_text(), re.DOTALL)[scheme]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", palette))
    lighter, darker = sorted((luminance(colours[ink]), luminance(colours[paper])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5
