from pathlib import Path

import pytest
from jinja2 import UndefinedError

from shared.pages import Pages, plain_style


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "page.html").write_text(
        '{% extends "plain.html" %}{% block title %}{{ title }}{% endblock %}{% block style %}/style.css{% endblock %}'
        "{% block main %}{% trans num=files %}{{ num }} file{% pluralize %}{{ num }} files{% endtrans %}{% endblock %}"
    )
    return tmp_path


def test_a_page_stands_in_the_reader_s_language_and_direction(folder: Path) -> None:
    page = Pages(folder).render("page.html", "ar", title="x", files=2)
    assert '<html lang="ar" dir="rtl">' in page
    assert "ملفان" in page


def test_an_unknown_language_is_shown_english(folder: Path) -> None:
    page = Pages(folder).render("page.html", "fr", title="x", files=2)
    assert '<html lang="en" dir="ltr">' in page
    assert "2 files" in page


def test_what_people_wrote_is_escaped(folder: Path) -> None:
    page = Pages(folder).render("page.html", "en", title="<script>alert(1)</script>", files=1)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_name_the_page_was_not_given_is_an_error(folder: Path) -> None:
    with pytest.raises(UndefinedError):
        Pages(folder).render("page.html", "en", files=1)


def test_the_plain_style_asks_for_nothing_from_elsewhere() -> None:
    assert "url(" not in plain_style()
    assert "@import" not in plain_style()
