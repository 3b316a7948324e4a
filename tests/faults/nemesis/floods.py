"""Too much at once: everybody writes, every clock is planned anew, a decision too large to be written."""

import asyncio
import random
import uuid
from io import StringIO

import httpx2
from ruamel.yaml import YAML

from shared.broker import MAX_RECORD_BYTES
from shared.brokers.kafka import KafkaBroker
from shared.brokers.kafka_address import KafkaAddress
from shared.catalogue.codec import encode
from shared.catalogue.commands import ApplyPolicy
from shared.catalogue.envelope import Envelope
from shared.catalogue.topics import COMMANDS
from shared.catalogue.values import Principal
from shared.clock import SystemClock
from shared.policy.policy import Policy
from tests.e2e.crashing.judging import DESK_ID, ORGANISATION, PARTITIONS
from tests.faults.fault import Fault
from tests.faults.house import House
from tests.faults.nemesis.brokers import PARTITION

FLOOD = 60
OPENINGS = ("07:00", "07:30", "08:00", "08:30")
ROOM = 2_000
"""Bytes left of the largest record for what goes along with a command."""


async def flood(house: House, draw: random.Random) -> str | None:
    """All at the same moment; who is shed comes again."""
    if house.customers is None:
        return "there are no customers"
    house.customers.burst(FLOOD)
    await asyncio.sleep(draw.uniform(1, 4))
    return None


async def replan(house: House, draw: random.Random) -> None:
    """Office hours change: every open promise has another end."""
    yaml = YAML()
    policy = yaml.load(house.folder / "desk.yaml")
    policy["calendars"]["office"]["hours"] = [f"{draw.choice(OPENINGS)}-1{draw.randint(6, 9)}:00"]
    text = StringIO()
    yaml.dump(policy, text)
    await _ask(house, "POST", "/v1/policy", content=text.getvalue().encode())


async def too_large(house: House, draw: random.Random) -> None:
    """A policy that just fits as a command; the fact about it has no room for its own attributes."""
    said = (await _ask(house, "GET", "/v1/policy")).json()["policy"]
    policy = Policy.model_validate(said)
    by = Principal(organisation=ORGANISATION, desk=DESK_ID, id="system", role="system")
    size = len(encode(_command(by, policy, draw), COMMANDS.name, PARTITION).value)
    phrase = "x" * (MAX_RECORD_BYTES - ROOM - size)
    thanks = policy.thanks.model_copy(update={"en": (*policy.thanks.en, phrase)})
    whole = _command(by, policy.model_copy(update={"thanks": thanks}), draw)
    broker = KafkaBroker(KafkaAddress(house.kafka.address), PARTITIONS)
    try:
        (place,) = await broker.append([encode(whole, COMMANDS.name, PARTITION)])
    finally:
        await broker.close()
    house.broken[whole.id] = (COMMANDS.name, place.partition, place.offset)
    await asyncio.sleep(draw.uniform(1, 3))


def _command(by: Principal, policy: Policy, draw: random.Random) -> Envelope:
    name = str(uuid.UUID(int=draw.getrandbits(128), version=4))
    body = ApplyPolicy(by=by, desk=DESK_ID, policy=policy)
    return Envelope(name, "gateway", SystemClock().now(), ORGANISATION, DESK_ID, name, name, body)


async def _ask(house: House, method: str, path: str, **more: object) -> httpx2.Response:
    """Until there is an answer that is not about our own trouble."""
    headers = {"Authorization": f"Bearer {house.key}", "Content-Type": "application/yaml"}
    async with httpx2.AsyncClient(base_url=house.url, headers=headers, timeout=15) as client:
        while True:
            try:
                answer = await client.request(method, path, **more)  # type: ignore[arg-type]  # content only
            except httpx2.HTTPError:
                await asyncio.sleep(0.3)
                continue
            if answer.is_success:
                return answer
            if answer.status_code not in {429, 502, 503}:
                raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text}")
            await asyncio.sleep(0.3)


FAULTS = (
    Fault("a flood of messages", flood, 1, 20, watched=True),
    Fault("every promise planned anew", replan, 1, 10, watched=True),
    Fault("one output too large", too_large, 1, 10, watched=True),
)
