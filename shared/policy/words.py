"""Named word lists. Text is matched at the doors only; deciders see which conditions matched, never the text."""

from functools import cached_property

from pydantic import Field

from shared.policy.noun import Id, Noun, Some
from shared.text.folding import words as spoken

Phrases = Some[str]


class WordListFile(Noun):
    """Phrases as written. A phrase is a run of whole words; `*` at the end of a word stands for any ending."""

    ar: Phrases = ()
    en: Phrases = ()

    @property
    def phrases(self) -> tuple[str, ...]:
        return (*self.ar, *self.en)


class WordList(WordListFile):
    """A compiled list. `condition` is a hash of the phrases alone: renaming a list or reordering it changes nothing,
    so what a door matched under one policy version still means the same under the next."""

    id: Id
    condition: str = Field(pattern=r"^w_[0-9a-f]{16}$")

    @cached_property
    def _alone(self) -> frozenset[str]:
        return frozenset(" ".join(spoken(phrase)) for phrase in self.phrases)

    def alone(self, text: str) -> bool:
        """Whether the whole message is one of the phrases and nothing else. For the doors: it reads text."""
        return " ".join(spoken(text)) in self._alone
