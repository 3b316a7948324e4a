"""Where a message belongs by the policy alone: its words found in the text as the customer wrote it."""

from pathlib import Path

from services.gateway.policy_file.loader import load_policy
from shared.policy.policy import Policy
from shared.policy.traits import Traits
from shared.text.folding import words
from tests.traffic.plan import Message

ACCOUNTS = {"form": ("web", "webform"), "mail": ("mail", "email")}
ARTICLES = ("وبال", "وكال", "ولل", "وال", "فال", "بال", "كال", "فلل", "لل", "ال")


class Expectation:
    """A policy, applied by hand."""

    def __init__(self, policy: Path) -> None:
        self.policy: Policy = load_policy(policy.read_text(encoding="utf-8"))

    def rule_and_team(self, message: Message) -> tuple[str, str]:
        """The first rule that holds, and the team whose specialty its category is."""
        account, channel = ACCOUNTS[message.door]
        spoken = words(f"{message.subject}\n{message.body}")
        found = (
            words.condition for words in self.policy.words.values() if any(says(spoken, one) for one in words.phrases)
        )
        rule = self.policy.rule_for(
            Traits(
                account=account, channel=channel, brand="waha", address=message.address, language=message.language,
                tier=self.policy.desk.customer_tier, conditions=frozenset(found),
            )
        )  # fmt: skip
        return rule.id, rule.then.team or self.policy.team_for(rule.then.category, account).id


def says(spoken: list[str], phrase: str) -> bool:
    """Whether the phrase is a run of these words: a naive reading of what deploy/desk.yaml promises."""
    wanted = [(word, part.endswith("*")) for part in phrase.split() for word in words(part)]
    places = range(len(spoken) - len(wanted) + 1)
    return any(all(fits(spoken[place + step], *one) for step, one in enumerate(wanted)) for place in places)


def fits(word: str, wanted: str, open_end: bool) -> bool:
    """With or without the Arabic article; a star lets the end vary."""
    stems = {
        word,
        next((word.removeprefix(one) for one in ARTICLES if word.startswith(one) and len(word) - len(one) > 2), word),
    }
    return any(stem.startswith(wanted) if open_end else stem == wanted for stem in stems)
