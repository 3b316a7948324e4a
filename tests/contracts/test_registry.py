"""Every type says who writes it, who reads it, in which topic; there is no orphan."""

import ast

import pytest

from services.verbs.contract_files.registry import CONTRACTS, Contract
from shared.catalogue.commands import Command
from shared.catalogue.envelope import TYPES
from shared.catalogue.facts import Fact
from shared.catalogue.topics import TOPICS
from tests.architecture.tree import SERVICES, house_is_complete, sources


@pytest.mark.parametrize("wire_type", TYPES)
def test_every_type_has_its_place_in_the_flow(wire_type: str) -> None:
    contract = CONTRACTS[wire_type]
    assert contract.topic.name in TOPICS
    assert contract.writers
    assert contract.readers
    assert set(contract.writers) | set(contract.readers) <= set(SERVICES)
    assert set(contract.writers) <= set(contract.topic.writers)


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda contract: contract.body.TYPE)
def test_facts_have_one_writer(contract: Contract) -> None:
    assert len(contract.writers) == 1 or issubclass(contract.body, Command)


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda contract: contract.body.TYPE)
def test_every_type_makes_its_promise_in_words(contract: Contract) -> None:
    assert contract.body.__doc__
    assert contract.body.__doc__ not in {Fact.__doc__, Command.__doc__}


def test_nothing_is_registered_that_does_not_exist() -> None:
    assert list(CONTRACTS) == list(TYPES)


def named_in(service: str) -> set[str]:
    """Names a service's code uses."""
    own = [source for source in sources() if source.path.startswith(f"services/{service}/")]
    return {
        node.id if isinstance(node, ast.Name) else node.attr
        for source in own
        for node in ast.walk(source.parsed())
        if isinstance(node, ast.Name | ast.Attribute)
    }


@pytest.mark.parametrize("service", ["router", "sla", "survey"])
def test_a_declared_writer_or_reader_names_the_type(service: str) -> None:
    if not house_is_complete():
        pytest.skip("judged from the moment all five services are wired")
    names = named_in(service)
    silent = [
        contract.body.__name__
        for contract in CONTRACTS.values()
        if service in {*contract.writers, *contract.readers} and contract.body.TYPE != "sanad.desk.tick.v1"
        if contract.body.__name__ not in names
    ]
    assert silent == []
