"""Two kinds of import contract that read module patterns, so that they hold for files still to be written.

Both judge direct imports only. `*` and `**` alike stand for any rest of a name, as in a shell.
"""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

PRODUCT = ("deploy", "deploy.*", "services", "services.*", "shared", "shared.*")


def names(field: object) -> list[str]:
    """The value of a list option: import-linter types it as the field that reads it."""
    return cast("list[str]", field)


def matching(names: Iterable[str], patterns: Iterable[str]) -> list[str]:
    """The names that fit one of the patterns, sorted."""
    kept = list(patterns)
    return sorted(name for name in names if any(fnmatchcase(name, pattern) for pattern in kept))


def imports_between(graph: ImportGraph, importers: Iterable[str], imported: Iterable[str]) -> Iterator[str]:
    wanted = set(imported)
    for importer in importers:
        for found in sorted(graph.find_modules_directly_imported_by(importer) & wanted):
            for place in graph.get_import_details(importer=importer, imported=found):
                yield f"{importer}:{place['line_number']} imports {found}"


def verdict(broken: list[str]) -> ContractCheck:
    return ContractCheck(kept=not broken, metadata={"broken": broken})


def print_broken(check: ContractCheck) -> None:
    for line in check.metadata["broken"]:
        output.print_error(line)
        output.new_line()


class Door(Contract):
    """`frameworks` may be imported in the product only by modules that fit one of `doors`."""

    type_name = "door"
    frameworks = fields.ListField(subfield=fields.StringField())
    doors = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        outside = set(matching(graph.modules, PRODUCT)) - set(matching(graph.modules, names(self.doors)))
        return verdict(list(imports_between(graph, sorted(outside), names(self.frameworks))))

    def render_broken_contract(self, check: ContractCheck) -> None:
        print_broken(check)


class Without(Contract):
    """No module that fits one of `modules` imports one that fits one of `forbidden`."""

    type_name = "without"
    modules = fields.ListField(subfield=fields.StringField())
    forbidden = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        importers = matching(graph.modules, names(self.modules))
        return verdict(list(imports_between(graph, importers, matching(graph.modules, names(self.forbidden)))))

    def render_broken_contract(self, check: ContractCheck) -> None:
        print_broken(check)
