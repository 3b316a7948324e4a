"""An answer on its way into the desk's log: one command per survey, however often the form is sent."""

from services.survey.pages.question import Question
from shared.broker import Broker
from shared.catalogue.codec import encode
from shared.catalogue.commands import AnswerSurvey
from shared.catalogue.envelope import Envelope
from shared.catalogue.topics import COMMANDS
from shared.catalogue.values import Principal
from shared.clock import Clock
from shared.desks import Desks
from shared.ids import named_id
from shared.survey_links import SurveyLink


class NoDesk(Exception):
    """The link names a desk that was never opened here."""


class Answers:
    """Appends answers for all desks."""

    def __init__(self, broker: Broker, desks: Desks, clock: Clock) -> None:
        self._broker, self._desks, self._clock = broker, desks, clock

    async def give(self, link: SurveyLink, question: Question, score: int, comment: str) -> None:
        """Append the answer; it is durable when this returns. Raises NoDesk, BrokerUnavailable."""
        place = await self._desks.find(link.desk)
        if place is None:
            raise NoDesk(link.desk)
        by = Principal(organisation=place.organisation, desk=place.id, id="survey", role="system")
        answer = AnswerSurvey(
            by=by, survey=link.survey, ticket=link.ticket, resolution=link.resolution, kind=link.kind, score=score,
            comment=comment, language=question.language, wording=question.wording,
        )  # fmt: skip
        # one id however often it is sent: the desk takes the first one
        command = named_id(link.survey, "answer")
        envelope = Envelope(
            command, "survey", self._clock.now(), place.organisation, place.id, command, link.survey, answer
        )
        await self._broker.append([encode(envelope, COMMANDS.name, place.partition)])
