from html.parser import HTMLParser
from typing import Any

import pytest

from tests.unit.ingest.desk import KEY, SITE, Doors, filled, headers, policy

pytestmark = pytest.mark.anyio
FORM = f"/in/forms/{KEY}"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Origin": "http://desk.example"}
NO_FILE = {"files": ("", b"")}


class Outline(HTMLParser):
    """What a screen reader would find."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def fields(self) -> dict[str, dict[str, str]]:
        return {one["name"]: one for one in (*self.all("input"), *self.all("textarea"))}


async def page(doors: Doors, path: str = FORM, **more: str) -> Any:
    return await doors.client.get(path, headers=more)


async def test_the_page_stands_in_the_browser_s_language(doors: Doors) -> None:
    arabic = await page(doors, Accept_Language="ar", **{"Accept-Language": "ar-EG,ar;q=0.9"})
    english = await page(doors, **{"Accept-Language": "en"})
    assert '<html lang="ar" dir="rtl">' in arabic.text
    assert "راسلنا" in arabic.text
    assert '<html lang="en" dir="ltr">' in english.text
    assert "Write to us" in english.text
    assert arabic.headers["content-language"] == "ar"


@pytest.mark.parametrize(
    ("limits", "hints"),
    [
        (
            "",
            (
                "At most 10 files of 10 MB each, 25 MB together.",
                "للملفات ١٠، وحجم الملف الواحد حتى ١٠ ميغابايت، ومجموعها حتى ٢٥ ميغابايت",
            ),
        ),
        (
            ", attachments: 2",
            (
                "At most 2 files of 10 MB each, 20 MB together.",
                "للملفات ٢، وحجم الملف الواحد حتى ١٠ ميغابايت، ومجموعها حتى ٢٠ ميغابايت",
            ),
        ),
    ],
)
async def test_the_page_says_how_much_fits(doors: Doors, limits: str, hints: tuple[str, str]) -> None:
    await doors.apply(policy(**{"form_posts_per_minute: 1000": f"form_posts_per_minute: 1000{limits}"}), version=2)
    for language, hint in zip(("en", "ar"), hints, strict=True):
        assert hint in (await page(doors, f"{FORM}?language={language}")).text


@pytest.mark.parametrize(("files", "megabytes", "status"), [(5, 5, 202), (3, 9, 413), (1, 11, 413)])
async def test_what_the_page_says_fits_does_and_no_more(doors: Doors, files: int, megabytes: int, status: int) -> None:
    sent = [("files", (f"{n}.jpg", b"x" * (megabytes << 20), "image/jpeg")) for n in range(files)]
    answer = await doors.client.post(FORM, data=filled(), files=sent, headers=BROWSER)
    assert answer.status_code == status


async def test_the_address_can_name_the_language_and_links_to_the_other(doors: Doors) -> None:
    answer = await page(doors, f"{FORM}?language=ar", **{"Accept-Language": "en"})
    assert 'dir="rtl"' in answer.text
    assert f'href="{FORM}?language=en"' in answer.text


async def test_a_browser_that_asks_for_neither_gets_the_desk_s_language(doors: Doors) -> None:
    assert 'lang="en"' in (await page(doors, **{"Accept-Language": "fr"})).text


async def test_every_field_has_a_label_and_the_trap_is_hidden_from_people(doors: Doors) -> None:
    outline = Outline((await page(doors)).text)
    labels = {label["for"] for label in outline.all("label")}
    shown = {name for name, field in outline.fields().items() if field.get("type") != "hidden"}
    assert shown == labels == {"name", "email", "subject", "message", "files", "confirm_url"}
    trap = outline.fields()["confirm_url"]
    assert (trap["tabindex"], trap["autocomplete"]) == ("-1", "off")
    assert any("aria-hidden" in block and "apart" in block.get("class", "") for block in outline.all("div"))


async def test_the_page_needs_no_script_and_allows_none(doors: Doors) -> None:
    answer = await page(doors)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    outline = Outline(answer.text)
    assert outline.all("script") == []
    assert not [
        name for _, attributes in outline.tags for name in attributes if name.startswith("on") or name == "style"
    ]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_browser_is_not_told_to_hide_where_it_comes_from(doors: Doors) -> None:
    """With no-referrer it would post the page's own form with the origin "null"."""
    assert (await page(doors)).headers["referrer-policy"] == "same-origin"


async def test_the_style_is_served_from_here(doors: Doors) -> None:
    outline = Outline((await page(doors)).text)
    (link,) = outline.all("link")
    style = await page(doors, link["href"])
    assert style.status_code == 200
    assert style.headers["content-type"].startswith("text/css")


async def test_what_the_page_sends_is_a_message_and_sent_twice_it_is_one(doors: Doors) -> None:
    outline = Outline((await page(doors)).text)
    (form,) = outline.all("form")
    hidden = {one["name"]: one["value"] for one in outline.all("input") if one.get("type") == "hidden"}
    assert form["enctype"] == "multipart/form-data"
    for _ in range(2):
        answer = await doors.client.post(form["action"], data=filled() | hidden, files=NO_FILE, headers=BROWSER)
        assert answer.status_code == 202
    assert len({message.message for message in await doors.received()}) == 1


async def test_two_openings_of_the_page_are_two_messages(doors: Doors) -> None:
    keys = [Outline((await page(doors)).text).fields()["idempotency_key"]["value"] for _ in range(2)]
    assert keys[0] != keys[1]


async def test_a_person_is_thanked_on_a_page_with_a_reference(doors: Doors) -> None:
    answer = await doors.client.post(f"{FORM}?language=ar", data=filled(), files=NO_FILE, headers=BROWSER)
    (message,) = await doors.received()
    assert "شكراً لك" in answer.text
    assert f"{message.message[:4]}-{message.message[4:8]}".upper() in answer.text
    assert answer.headers["content-type"].startswith("text/html")


async def test_a_person_sees_what_was_wrong_and_keeps_what_was_written(doors: Doors) -> None:
    sent = filled(email="nobody", message="a long story <b>of mine</b>")
    answer = await doors.client.post(FORM, data=sent, files=NO_FILE, headers=BROWSER)
    assert answer.status_code == 422
    field = Outline(answer.text).fields()["email"]
    assert (field["value"], field["aria-invalid"]) == ("nobody", "true")
    assert f'id="{field["aria-describedby"]}"' in answer.text
    assert "This is no e-mail address." in answer.text
    assert "a long story &lt;b&gt;of mine&lt;/b&gt;" in answer.text


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Please choose your files again"), ("ar", "يرجى اختيار الملفات من جديد")]
)
async def test_a_person_whose_files_could_not_be_kept_is_told_so(doors: Doors, language: str, said: str) -> None:
    path, sent, files = f"{FORM}?language={language}", filled(email="nobody"), {"files": ("a.pdf", b"%PDF")}
    with_files = await doors.client.post(path, data=sent, files=files, headers=BROWSER)
    assert said in with_files.text
    described = Outline(with_files.text).fields()["files"]["aria-describedby"].split()
    assert all(f'id="{one}"' in with_files.text for one in described)
    without = await doors.client.post(path, data=sent, files=NO_FILE, headers=BROWSER)
    assert said not in without.text


async def test_the_key_stays_with_the_form_while_it_is_corrected(doors: Doors) -> None:
    sent = filled(email="nobody", idempotency_key="k-1")
    answer = await doors.client.post(FORM, data=sent, files=NO_FILE, headers=BROWSER)
    assert Outline(answer.text).fields()["idempotency_key"]["value"] == "k-1"


@pytest.mark.parametrize("value", ['"><script>alert(1)</script>', "' onfocus='alert(1)", "{{ 7 * 7 }}"])
async def test_nothing_that_was_written_becomes_part_of_the_page(doors: Doors, value: str) -> None:
    sent = filled(email=value, name=value, subject=value, message="")
    answer = await doors.client.post(FORM, data=sent, files=NO_FILE, headers=BROWSER)
    outline = Outline(answer.text)
    assert outline.all("script") == []
    assert outline.fields()["name"]["value"] == value
    assert not [name for _, attributes in outline.tags for name in attributes if name.startswith("on")]


async def test_a_person_who_is_refused_otherwise_reads_why_and_finds_back(doors: Doors) -> None:
    answer = await doors.client.post(FORM, data=filled(), headers=BROWSER | {"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "We could not take this message." in answer.text
    assert f'href="{FORM}?language=en"' in answer.text


@pytest.mark.parametrize(
    ("language", "said"), [("en", "There is no such form."), ("ar", "لا يوجد نموذج بهذا العنوان.")]
)
async def test_a_form_that_is_not_there_is_told_to_a_person_on_a_page(doors: Doors, language: str, said: str) -> None:
    path, given = "/in/forms/pk_nobody_has_this", BROWSER | {"Accept-Language": language}
    answers = [await doors.client.get(path, headers=given), await doors.client.post(path, data=filled(), headers=given)]
    for answer in answers:
        assert answer.status_code == 404
        assert said in answer.text
        assert answer.headers["content-language"] == language
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert (await doors.client.get(path)).json()["reason"] == "not_found"


async def test_the_log_away_is_told_in_words_to_a_person(doors: Doors) -> None:
    await doors.ports.broker.close()
    answer = await doors.client.post(f"{FORM}?language=ar", data=filled(), files=NO_FILE, headers=BROWSER)
    assert answer.status_code == 503
    assert "لا يمكننا استلام الرسائل الآن" in answer.text
    assert answer.headers["retry-after"]


async def test_a_head_request_asks_for_the_same(doors: Doors) -> None:
    answer = await doors.client.head(FORM)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


async def test_an_account_that_lists_no_sites_takes_its_own_page_s_posts(doors: Doors) -> None:
    path = "/in/forms/pk_acme_own_pages"
    assert (await doors.client.post(path, json=filled(), headers=BROWSER)).status_code == 202
    assert (await doors.client.post(path, json=filled(), headers=headers())).status_code == 403
    assert SITE not in str((await doors.client.get(path, headers=headers())).headers)
