"""Channel accounts: what each channel needs, and that no two answer to the same address or key."""

from collections.abc import Iterator

from services.gateway.policy_file.checks.names import Names
from services.gateway.policy_file.document import PolicyFile
from services.gateway.policy_file.findings import Fault
from shared.policy.desk import Account
from shared.policy.terms import Channel

NEEDED = {Channel.EMAIL: "address", Channel.WEBFORM: "key"}


def check_accounts(file: PolicyFile, names: Names) -> Iterator[Fault]:
    taken: dict[str, str] = {}
    for name, account in file.accounts.items():
        steps = ("accounts", name)
        yield from names.check("brands", account.brand, (*steps, "brand"))
        yield from names.check("teams", account.team, (*steps, "team"))
        yield from names.check("calendars", account.calendar, (*steps, "calendar"))
        yield from names.check("languages", account.language, (*steps, "language"))
        if (
            not account.brand
            and name in names.of("accounts")
            and not names.faulty(*steps)
            and len(names.of("brands")) > 1
        ):
            yield Fault(steps, "'brand' is missing: there are several", f"choose from {', '.join(names.of('brands'))}")
        needed = NEEDED.get(account.channel)
        if needed and not getattr(account, needed) and not names.faulty(*steps):
            yield Fault(
                steps, f"{needed!r} is missing: accounts of channel {account.channel} need it", f"add {needed}: …"
            )
        for field, value in _doors(account):
            first = taken.setdefault(value, name)
            if first != name:
                yield Fault((*steps, field), f"account {first!r} has this already", "give every account its own")


def _doors(account: Account) -> Iterator[tuple[str, str]]:
    for place, address in enumerate(account.addresses):
        yield ("address" if place == 0 and account.address else "also"), address
    if account.key:
        yield "key", f"key {account.key}"
