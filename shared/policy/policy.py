"""The compiled policy: what travels in `policy.applied` and all that any service knows of a desk's rules."""

import hashlib
from functools import cached_property

from pydantic import Field

from shared.clock import Ms
from shared.policy.calendar import Calendar
from shared.policy.classification import Rule
from shared.policy.desk import Account
from shared.policy.sections import Sections
from shared.policy.sla import SlaPolicy
from shared.policy.team import Team
from shared.policy.traits import Traits
from shared.policy.words import WordList
from shared.policy.zone import Zone


class Policy(Sections):
    """Everything resolved: references checked, holidays and zone changes worked out, word lists hashed.

    Methods are pure lookups; names a policy doesn't know (an older fact's team) give None or the desk's own default.
    """

    version: int = 0
    """Given when the policy is applied to a desk; 0 before."""
    zones: dict[str, Zone]
    calendars: dict[str, Calendar]
    words: dict[str, WordList] = Field(default_factory=dict)
    thanks: WordList
    """Said alone, these never reopen a ticket; beside what every desk takes for thanks."""
    opt_out: WordList
    """Said alone, these set the message aside and withdraw consent; beside what every desk takes for it."""
    rules: tuple[Rule, ...] = Field(min_length=1)

    @cached_property
    def content(self) -> str:
        """SHA-256 of everything but the version: equal for equal policies."""
        return hashlib.sha256(self.model_dump_json(exclude={"version"}).encode()).hexdigest()

    def at_version(self, version: int) -> "Policy":
        return self.model_copy(update={"version": version})

    @cached_property
    def conditions(self) -> dict[str, tuple[str, ...]]:
        """Condition id → its phrases, as the word index of the doors takes them."""
        return {words.condition: words.phrases for words in self.words.values()}

    def rule_for(self, traits: Traits) -> Rule:
        """The first rule that holds; a compiled policy ends with one that always does."""
        return next(rule for rule in self.rules if rule.when.hold(traits))

    def sla_for(self, traits: Traits) -> SlaPolicy | None:
        """The first SLA policy that holds; None: nothing was promised for this ticket."""
        return next((policy for policy in self.sla if policy.when.hold(traits)), None)

    def team_for(self, category: str, account: str = "") -> Team:
        """Whose specialty the category is (the longest path wins, then the file's order), else the account's team,
        else the first team of the file."""
        fits = [
            (len(path), team)
            for team in self.teams.values()
            for path in team.specialties
            if category == path or category.startswith(f"{path}/")
        ]
        if fits:
            return max(fits, key=lambda fit: fit[0])[1]
        door = self.accounts.get(account)
        return self.teams[door.team] if door and door.team else next(iter(self.teams.values()))

    def calendar_for(self, team: str = "", brand: str = "", account: str = "") -> Calendar:
        """The narrowest calendar: team, then brand, then channel account, then the desk's own."""
        holders = (self.teams.get(team), self.brands.get(brand), self.accounts.get(account))
        chosen = next((holder.calendar for holder in holders if holder and holder.calendar), self.desk.calendar)
        return self.calendars[chosen]

    def reopen_window(self, team: str = "", account: str = "") -> Ms:
        holders = (self.teams.get(team), self.accounts.get(account))
        windows = (holder.reopen_window for holder in holders if holder and holder.reopen_window is not None)
        return next(windows, self.desk.reopen_window)

    def head_start(self, priority: str, tier: str) -> Ms:
        """What the queue key grants: the priority's head start plus the customer tier's."""
        terms, rank = self.priorities.get(priority), self.tiers.get(tier or self.desk.customer_tier)
        return (terms.head_start if terms else 0) + (rank.head_start if rank else 0)

    def account_by_address(self, address: str) -> Account | None:
        folded = address.casefold()
        return next((account for account in self.accounts.values() if folded in account.addresses), None)

    def account_by_key(self, key: str) -> Account | None:
        return next((account for account in self.accounts.values() if account.key and account.key == key), None)

    def break_limit(self, team: str, reason: str) -> Ms | None:
        """How long somebody of this team may be away for this reason; None: as long as it takes."""
        crew, away = self.teams.get(team), self.presence.get(reason)
        if reason == "break" and crew and crew.break_limit is not None:
            return crew.break_limit
        return away.limit if away else None
