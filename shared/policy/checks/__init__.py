"""What no single noun can know: whether names mean something, shifts overlap, rules can ever be reached.

Every check takes the file and the names that are written in it (also of items that are faulty themselves, so one
mistake isn't reported twice) and yields faults.
"""

from collections.abc import Callable, Iterator

from shared.policy.checks.accounts import check_accounts
from shared.policy.checks.hours import check_hours
from shared.policy.checks.names import Names
from shared.policy.checks.order import check_order
from shared.policy.checks.people import check_desk, check_teams
from shared.policy.checks.promises import check_promises
from shared.policy.checks.rules import check_rules
from shared.policy.checks.wording import check_texts, check_words
from shared.policy.checks.zone_names import check_zones
from shared.policy.document import PolicyFile
from shared.policy.findings import Fault

Check = Callable[[PolicyFile, Names], Iterator[Fault]]

CHECKS: tuple[Check, ...] = (
    check_desk,
    check_zones,
    check_accounts,
    check_teams,
    check_hours,
    check_words,
    check_rules,
    check_order,
    check_promises,
    check_texts,
)
