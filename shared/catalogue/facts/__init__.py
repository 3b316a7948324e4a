"""The facts, and the table of all of them by the topic they are written to."""

from shared.catalogue.facts.clocks import (
    TargetBreached,
    TargetCancelled,
    TargetFact,
    TargetMet,
    TargetPaused,
    TargetReplanned,
    TargetResumed,
    TargetStarted,
    TargetWarned,
)  # fmt: skip  # fmt: skip
from shared.catalogue.facts.desk import (
    CommandSettled,
    ContactPointBlocked,
    ContactPointLinked,
    ContactPointUnlinked,
    ContactPointUnreachable,
    CustomerChanged,
    CustomerRegistered,
    CustomersMerged,
    PolicyApplied,
    RulesSwitched,
    SurveyAnswerReceived,
    TimeReached,
)  # fmt: skip  # fmt: skip
from shared.catalogue.facts.fact import Fact
from shared.catalogue.facts.messages import (
    ConversationMoved,
    ConversationOpened,
    DeliveryReported,
    MessageMoved,
    MessageNoted,
    MessageReceived,
    MessageRestored,
    MessageSent,
    MessageSetAside,
    ParticipantJoined,
)  # fmt: skip  # fmt: skip
from shared.catalogue.facts.surveys import (
    AnswerNotCounted,
    SurveyAnswered,
    SurveyCancelled,
    SurveyExpired,
    SurveyFact,
    SurveyInvited,
    SurveyScheduled,
    SurveySent,
    SurveySkipped,
)  # fmt: skip  # fmt: skip
from shared.catalogue.facts.tickets import (
    FieldsChanged,
    OwnerChanged,
    SpamMarked,
    StatusChanged,
    SubStatusChanged,
    TicketCategorised,
    TicketEscalated,
    TicketMerged,
    TicketOpened,
    TicketPrioritised,
    TicketRouted,
    TicketsLinked,
    TicketsUnlinked,
    TicketTagged,
    TicketUnmerged,
)  # fmt: skip  # fmt: skip
from shared.catalogue.facts.work import (
    AgentConfigured,
    AgentRemoved,
    OfferLapsed,
    PresenceChanged,
    ShiftsPlanned,
    TaskCompleted,
    TaskOpened,
    WorkAssigned,
    WorkFinished,
    WorkOffered,
    WorkQueued,
    WorkReleased,
)  # fmt: skip  # fmt: skip

DESK_FACTS: tuple[type[Fact], ...] = (
    PolicyApplied, RulesSwitched, TimeReached, CommandSettled,
    CustomerRegistered, CustomerChanged, CustomersMerged, ContactPointLinked, ContactPointUnlinked, ContactPointBlocked,
    ContactPointUnreachable,
    ConversationOpened, ConversationMoved, ParticipantJoined,
    MessageReceived, MessageSetAside, MessageRestored, MessageSent, MessageNoted, MessageMoved, DeliveryReported,
    TicketOpened, StatusChanged, SubStatusChanged, TicketPrioritised, TicketCategorised, TicketTagged, FieldsChanged,
    TicketRouted,
    OwnerChanged, SpamMarked, TicketMerged, TicketUnmerged, TicketsLinked, TicketsUnlinked, TicketEscalated,
    WorkQueued, WorkAssigned, WorkOffered, OfferLapsed, WorkReleased, WorkFinished, TaskOpened, TaskCompleted,
    AgentConfigured, AgentRemoved, PresenceChanged, ShiftsPlanned, SurveyAnswerReceived,
)  # fmt: skip
SLA_FACTS: tuple[type[Fact], ...] = (
    TargetStarted, TargetPaused, TargetResumed, TargetReplanned, TargetWarned, TargetMet, TargetBreached,
    TargetCancelled,
)  # fmt: skip
SURVEY_FACTS: tuple[type[Fact], ...] = (
    SurveyScheduled, SurveyInvited, SurveySent, SurveySkipped, SurveyCancelled, SurveyExpired, SurveyAnswered,
    AnswerNotCounted,
)  # fmt: skip

__all__ = [
    "DESK_FACTS", "SLA_FACTS", "SURVEY_FACTS", "AgentConfigured", "AgentRemoved", "AnswerNotCounted",
    "CommandSettled", "ContactPointBlocked", "ContactPointLinked", "ContactPointUnlinked", "ContactPointUnreachable", "ConversationMoved",
    "ConversationOpened", "CustomerChanged", "CustomerRegistered", "CustomersMerged", "DeliveryReported", "Fact",
    "FieldsChanged", "MessageMoved", "MessageNoted", "MessageReceived", "MessageRestored", "MessageSent",
    "MessageSetAside", "OfferLapsed", "OwnerChanged", "ParticipantJoined", "PolicyApplied", "PresenceChanged",
    "RulesSwitched", "ShiftsPlanned", "SpamMarked", "StatusChanged", "SubStatusChanged", "SurveyAnswerReceived", "SurveyAnswered",
    "SurveyCancelled", "SurveyExpired", "SurveyFact", "SurveyInvited", "SurveyScheduled", "SurveySent",
    "SurveySkipped", "TargetBreached", "TargetCancelled", "TargetFact", "TargetMet", "TargetPaused",
    "TargetReplanned", "TargetResumed", "TargetStarted", "TargetWarned", "TaskCompleted", "TaskOpened",
    "TicketCategorised", "TicketEscalated", "TicketMerged", "TicketOpened", "TicketPrioritised", "TicketRouted",
    "TicketTagged", "TicketUnmerged", "TicketsLinked", "TicketsUnlinked", "TimeReached", "WorkAssigned",
    "WorkFinished", "WorkOffered", "WorkQueued", "WorkReleased",
]  # fmt: skip
