"""What sla says of its targets (topic `sanad.sla`)."""

from shared.catalogue.facts.fact import Fact
from shared.catalogue.values import Id, TargetName
from shared.clock import Ms


class TargetFact(Fact):
    """What all of them have: a target of a ticket, in its n-th cycle."""

    ticket: Id
    target: TargetName
    cycle: int


class TargetStarted(TargetFact):
    """The clock runs. `due_at` is None where its calendar never opens again."""

    TYPE = "sanad.target.started.v1"
    SUBJECT = ("ticket", "ticket")

    started_at: Ms
    due_at: Ms | None
    budget: Ms
    calendar: str | None
    sla_policy: str
    policy_version: int


class TargetPaused(TargetFact):
    """The clock stands; `elapsed` is what has run so far."""

    TYPE = "sanad.target.paused.v1"
    SUBJECT = ("ticket", "ticket")

    elapsed: Ms
    cause: str


class TargetResumed(TargetFact):
    """The clock runs again, with this new deadline."""

    TYPE = "sanad.target.resumed.v1"
    SUBJECT = ("ticket", "ticket")

    elapsed: Ms
    due_at: Ms | None


class TargetReplanned(TargetFact):
    """Team, priority, policy or calendar changed: what elapsed is kept, the deadline is new, the old one stays here."""

    TYPE = "sanad.target.replanned.v1"
    SUBJECT = ("ticket", "ticket")

    former_due_at: Ms | None
    due_at: Ms | None
    elapsed: Ms
    budget: Ms
    calendar: str | None
    sla_policy: str
    policy_version: int
    cause: str


class TargetWarned(TargetFact):
    """A warning's time came; `warning` is its index in the policy, `notify` who should hear."""

    TYPE = "sanad.target.warned.v1"
    SUBJECT = ("ticket", "ticket")

    warning: int
    due_at: Ms
    notify: tuple[str, ...] = ()


class TargetMet(TargetFact):
    """In time: stopped at or before the deadline. `verdict` is the one id a cycle's verdict can have."""

    TYPE = "sanad.target.met.v1"
    SUBJECT = ("ticket", "ticket")

    verdict: Id
    stopped_at: Ms
    due_at: Ms | None
    elapsed: Ms


class TargetBreached(TargetFact):
    """Late: the deadline passed unmet. Detection time is this fact's time."""

    TYPE = "sanad.target.breached.v1"
    SUBJECT = ("ticket", "ticket")

    verdict: Id
    due_at: Ms


class TargetCancelled(TargetFact):
    """No promise any more: merged away, spam, no policy, or closed before an answer was owed."""

    TYPE = "sanad.target.cancelled.v1"
    SUBJECT = ("ticket", "ticket")

    verdict: Id
    cause: str
