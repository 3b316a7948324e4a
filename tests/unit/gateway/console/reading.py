"""A page as a test reads it: by the standard library's own parser, so that markup in text is never taken for text."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

VOID = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
NAMED = {"input", "select", "textarea"}


@dataclass
class Element:
    """One tag with its attributes and what is inside."""

    tag: str
    attributes: dict[str, str]
    parent: "Element | None" = None
    children: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What it says, with single spaces."""
        return " ".join("".join(self._pieces()).split())

    def _pieces(self) -> Any:
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child._pieces()
                yield " "

    def find(self, tag: str = "", **wanted: str) -> list["Element"]:
        """All inside, in order, of this tag with these attributes (`class_` means: among its classes)."""
        return [one for one in self._walk() if tag in {"", one.tag} and one.has(**wanted)]

    def has(self, **wanted: str) -> bool:
        for name, value in wanted.items():
            key = name.rstrip("_").replace("_", "-")
            held = self.attributes.get(key)
            if held is None or (value not in held.split() if key == "class" else value not in {held, "*"}):
                return False
        return True

    def _walk(self) -> Any:
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child._walk()


class Shown(HTMLParser):
    """A whole page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.source = text
        self.root = Element("", {})
        self._open = self.root
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self._open)
        self._open.children.append(element)
        if tag not in VOID:
            self._open = element

    def handle_endtag(self, tag: str) -> None:
        assert self._open.tag == tag, f"</{tag}> closes <{self._open.tag}>"
        assert self._open.parent is not None
        self._open = self._open.parent

    def _hear(self, data: str) -> None:
        self._open.children.append(data)

    handle_data = _hear

    def find(self, tag: str = "", **wanted: str) -> list[Element]:
        return self.root.find(tag, **wanted)

    def one(self, tag: str = "", **wanted: str) -> Element:
        found = self.find(tag, **wanted)
        assert len(found) == 1, f"{len(found)} of {tag} {wanted}"
        return found[0]

    def part(self, key: str) -> Element:
        """By id."""
        return self.one(id=key)

    @property
    def text(self) -> str:
        return self.root.text

    def sends(self) -> list[str]:
        """What the page's forms ask of the public API."""
        return [form.attributes["data-send"] for form in self.find("form") if "data-send" in form.attributes]

    def check(self, language: str) -> None:
        """What holds for every page: closed tags, its language, landmarks, names for fields, nothing that runs inline."""
        assert self._open is self.root
        html = self.one("html")
        assert (html.attributes["lang"], html.attributes["dir"]) == (language, "rtl" if language == "ar" else "ltr")
        assert len(self.find("main")) == len(self.find("h1")) == 1
        assert self.one("title").text.strip(" –")
        labelled = {label.attributes.get("for") for label in self.find("label")}
        for element in self.root._walk():
            self._check_element(element, labelled)
        keys = [element.attributes["id"] for element in self.root._walk() if "id" in element.attributes]
        assert len(keys) == len(set(keys)), keys

    def _check_element(self, element: Element, labelled: set[str | None]) -> None:
        for name, value in element.attributes.items():
            assert name != "style"
            assert not name.startswith("on")
            assert not value.lower().startswith("javascript:")
            assert "://" not in value, f"{name}={value}"
        if element.tag == "script":
            assert element.attributes["src"].startswith("/console/")
            assert not element.text
        assert element.tag != "style"
        if element.tag in NAMED and element.attributes.get("type") != "hidden":
            inside = element.parent is not None and element.parent.tag == "label"
            assert inside or element.attributes.get("id") in labelled, element.attributes
        if element.tag == "a" and "href" in element.attributes:
            assert element.text or element.find("img"), element.attributes
        if element.tag == "button":
            assert element.text
