"""Pages: Jinja with autoescape, where a name the page was not given is an error, in the reader's language and direction.

A page knows `language`, `direction`, `_`, `ngettext`, `{% trans %}`, and the filters `number`, `moment` and
`duration`.
`plain.html` is the layout of pages for customers: it works without scripts. Its style is `plain_style()`.
"""

import functools
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.i18n import LANGUAGES, SOURCE, direction, duration, moment, number, translations

HERE = Path(__file__).parent


class Pages:
    """The templates of one service: a folder `templates` beside the module that shows them."""

    def __init__(self, folder: Path) -> None:
        self._environments = {language: _environment(folder, language) for language in LANGUAGES}

    def render(self, template: str, language: str, **values: Any) -> str:
        """The page as text. Raises UndefinedError where the template asks for what it was not given."""
        environment = self._environments.get(language.partition("-")[0], self._environments[SOURCE])
        return environment.get_template(template).render(values)


@functools.cache
def plain_style() -> str:
    """The stylesheet of `plain.html`; whoever shows such pages serves it from an address of their own."""
    return (HERE / "plain.css").read_text()


def _environment(folder: Path, language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([folder, HERE]), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, extensions=["jinja2.ext.i18n"], auto_reload=False,
    )  # fmt: skip
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined] # added by the extension
    environment.globals.update(language=language, direction=direction(language))
    environment.filters["number"] = functools.partial(number, language=language)
    environment.filters["duration"] = functools.partial(duration, language=language)
    environment.filters["moment"] = functools.partial(moment, language=language)
    return environment
