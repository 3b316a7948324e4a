"""The question as one reader sees it, out of the policy in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.policy.noun import Localised
from shared.policy.survey import CsatQuestion

SCALES: Mapping[str, range] = {"csat": range(1, 6)}
"""The marks of each kind that can be asked today, lowest first."""
MOST_COMMENT = 4_000
"""Characters of a comment."""


@dataclass(frozen=True, slots=True)
class Question:
    """One kind's question in one language."""

    kind: str
    language: str
    languages: Sequence[str]
    desk: str
    texts: Mapping[str, str]

    @property
    def scale(self) -> range:
        return SCALES[self.kind]

    @property
    def wording(self) -> str:
        """What was asked and which end is good, stored with the answer: a later change rewrites no past."""
        low, high = self.scale[0], self.scale[-1]
        return f"{self.texts['ask']} ({low} = {self.texts['lowest']}, {high} = {self.texts['highest']})"


def read_question(kind: str, wording: Mapping[str, Any], language: str) -> Question:
    """The question of a stored wording, in `language` or the first one the desk speaks."""
    languages = tuple(wording["languages"])
    spoken = language if language in languages else languages[0]
    question = CsatQuestion.model_validate(wording["question"])
    texts = {name: getattr(question, name).in_language(spoken) for name in CsatQuestion.model_fields}
    return Question(kind, spoken, languages, Localised.model_validate(wording["desk"]).in_language(spoken), texts)
