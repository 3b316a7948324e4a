"""The first start of a desk: its policy and all rules in force, its first administrator, a key for the verbs on this machine."""

from pathlib import Path

from services.gateway.accounts.keys import Keys
from services.gateway.policy_file.loader import load_policy
from services.gateway.writing import Commands
from services.verbs.address import KEY_FILE
from services.verbs.ending import NotStarted
from shared.catalogue.commands import ApplyPolicy, Command, PutAgent, SwitchRules
from shared.catalogue.rule_sets import SHIPPED
from shared.catalogue.values import Principal
from shared.desks import Desks
from shared.moves import Movements
from shared.policy.policy import Policy
from shared.service import Ports
from shared.settings import Settings

ADMIN = "admin"
PATIENCE = 10_000


async def start_desk(ports: Ports) -> tuple[str, bool]:
    """Make sure there is a desk. Returns its id, and whether its first start is still to be finished (`hand_over_key`).

    It is the one whose key lies in the folder; another folder's policy opens one more. A desk that came from elsewhere,
    or was started from another folder, keeps its policy and its people: it only gives this folder a key. Raises
    PolicyErrors (the file is wrong), NotStarted.
    """
    desks = Desks(ports.documents, ports.broker.partitions)
    known = await desks.all()
    if known and (ports.settings.folder / KEY_FILE).exists():
        return await _opened_by_key(ports) or known[0].id, False
    # asked here: not everybody who starts a desk was told what moves
    came = known and (await Movements(ports.documents).all())[known[0].id].arrival
    if came:
        await hand_over_key(ports, known[0].id)
        return known[0].id, False
    policy = load_policy(read_policy(ports.settings.policy), ports.clock.now())
    desk, organisation = policy.desk.id, policy.desk.organisation
    await desks.open(desk, organisation)
    # a key is the last thing a first start makes, and is kept when it is revoked
    if (await Keys(ports.documents).of_desk(desk, limit=1))[0]:
        await hand_over_key(ports, desk)
        return desk, False
    system = Principal(organisation=organisation, desk=desk, id="system", role="system")
    commands = Commands(ports.broker, ports.documents, desks, ports.clock)
    # the file may have been put right since a start that was cut short: another content is another request
    await _done(commands, ApplyPolicy(by=system, desk=desk, policy=policy), f"first-policy-{policy.content}")
    for rules in SHIPPED:
        await _done(commands, SwitchRules(by=system, desk=desk, rules=rules, on=True), f"first-rules-{rules}")
    await _done(commands, _administrator(system, policy), "first-administrator")
    return desk, True


async def hand_over_key(ports: Ports, desk: str) -> None:
    """A key for the verbs on this machine. Its file says that the first start is finished, so it comes last."""
    place = await Desks(ports.documents, ports.broker.partitions).find(desk)
    if place is None:
        raise NotStarted(f"there is no desk {desk}")
    admin = Principal(organisation=place.organisation, desk=desk, id=ADMIN, role="admin")
    _, token = await Keys(ports.documents).create(admin, "verbs on this machine", "admin", (), ports.clock.now())
    write_secret(ports.settings.folder / KEY_FILE, token)


async def _opened_by_key(ports: Ports) -> str | None:
    """The desk whose key lies in the folder; None where it opens nothing any more."""
    principal = await Keys(ports.documents).principal((ports.settings.folder / KEY_FILE).read_text())
    return principal.desk if principal else None


def check_policy(settings: Settings) -> None:
    """Before anything is made. Raises PolicyErrors, NotStarted."""
    load_policy(read_policy(settings.policy))


def _administrator(system: Principal, policy: Policy) -> PutAgent:
    name = {"ar": "المدير", "en": "Administrator"}.get(policy.desk.language, "Administrator")
    return PutAgent(by=system, agent=ADMIN, name=name, role="admin", language=policy.desk.language, capacity=0)


async def _done(commands: Commands, command: Command, key: str) -> None:
    """Each step has a key, so a first start that was killed is taken up where it was."""
    outcome = await commands.ask(command, key, patience=PATIENCE)
    if outcome.state != "done":
        raise NotStarted(f"{type(command).__name__} was {outcome.state}: {outcome.reason or 'no answer in 10 seconds'}")


def read_policy(path: Path) -> str:
    """The policy file's text. Raises NotStarted."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise NotStarted(f"cannot read the policy {path}: {fault}; set SANAD_POLICY to your desk.yaml") from None


def write_secret(path: Path, secret: str) -> None:
    """Readable by the owner alone, whole or not at all."""
    partial = path.with_suffix(".part")
    partial.touch(mode=0o600)
    partial.write_text(secret)
    partial.replace(path)
