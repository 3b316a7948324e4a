"""All checks, in the order of their promises. Whoever has evidence runs them all."""

from collections.abc import Callable, Iterator

from tests.invariants.absence import check_nobody_absent_is_waited_for
from tests.invariants.asks import check_askers, check_escalations, check_invitations
from tests.invariants.changes import check_changes
from tests.invariants.clocks import check_clocks
from tests.invariants.evidence import Evidence, Violation
from tests.invariants.holding import (
    check_capacity,
    check_epochs,
    check_nobody_waits_in_vain,
    check_one_holder,
    check_order_of_service,
)
from tests.invariants.ids import check_ids, check_verdict_ids
from tests.invariants.isolation import check_isolation
from tests.invariants.messages import (
    check_deliveries,
    check_every_message_has_one_outcome,
    check_nothing_invented,
    check_one_effect,
)
from tests.invariants.order import check_groups, check_order, check_sizes, check_time
from tests.invariants.outcomes import check_every_command_is_settled, check_nothing_broke
from tests.invariants.surveys import check_answers, check_surveys

CHECKS: tuple[Callable[[Evidence], Iterator[Violation]], ...] = (
    check_order,
    check_time,
    check_groups,
    check_sizes,
    check_every_message_has_one_outcome,
    check_one_effect,
    check_nothing_invented,
    check_deliveries,
    check_every_command_is_settled,
    check_nothing_broke,
    check_one_holder,
    check_epochs,
    check_capacity,
    check_order_of_service,
    check_nobody_waits_in_vain,
    check_nobody_absent_is_waited_for,
    check_changes,
    check_askers,
    check_escalations,
    check_invitations,
    check_clocks,
    check_verdict_ids,
    check_surveys,
    check_answers,
    check_ids,
    check_isolation,
)


def violations(evidence: Evidence) -> list[Violation]:
    """Everything that is broken; empty is what we want."""
    return [found for check in CHECKS for found in check(evidence)]
