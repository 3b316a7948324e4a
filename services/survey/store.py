"""What the pages show: documents that follow survey's own facts and the desk's policy. Survey's memory is its fold."""

from shared.documents import Collection

WORDINGS = Collection("survey_wordings")
"""Per kind of survey the question in force, in all languages."""
ENDED = Collection("survey_ended")
"""Surveys whose question is no longer open, with how they ended."""

COLLECTIONS: tuple[Collection, ...] = (WORDINGS, ENDED)
