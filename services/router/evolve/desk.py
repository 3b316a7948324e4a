"""What facts about the desk itself do to it."""

from services.router.desk.desk import Desk
from services.router.evolve.work import look_again_at_all
from shared.catalogue.facts import CommandSettled, PolicyApplied, RulesSwitched, TimeReached
from shared.clock import Ms


def policy_applied(desk: Desk, fact: PolicyApplied, at: Ms) -> None:
    desk.apply_policy(fact.policy)
    look_again_at_all(desk, at)


def rules_switched(desk: Desk, fact: RulesSwitched, at: Ms) -> None:
    desk.switches[fact.rules] = fact.on


def time_reached(desk: Desk, fact: TimeReached, at: Ms) -> None:
    desk.say_goodbye(at)


def command_settled(desk: Desk, fact: CommandSettled, at: Ms) -> None:
    desk.memories["settled"].add(fact.command, at)
    desk.say_goodbye(at)
