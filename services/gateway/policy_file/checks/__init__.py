"""What no single noun can know: whether names mean something, shifts overlap, rules can ever be reached.

Every check takes the file and the names that are written in it (also of items that are faulty themselves, so one
mistake isn't reported twice) and yields faults.
"""

from collections.abc import Callable, Iterator

from services.gateway.policy_file.checks.accounts import check_accounts
from services.gateway.policy_file.checks.hours import check_hours
from services.gateway.policy_file.checks.names import Names
from services.gateway.policy_file.checks.order import check_order
from services.gateway.policy_file.checks.people import check_desk, check_teams
from services.gateway.policy_file.checks.promises import check_promises
from services.gateway.policy_file.checks.rules import check_rules
from services.gateway.policy_file.checks.wording import check_texts, check_words
from services.gateway.policy_file.checks.zone_names import check_zones
from services.gateway.policy_file.document import PolicyFile
from services.gateway.policy_file.findings import Fault

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
