"""The commands, and the table of all of them."""

from shared.catalogue.commands.command import Command
from shared.catalogue.commands.desk import AnswerSurvey, ApplyPolicy, InviteToSurvey, SwitchRules, Tick
from shared.catalogue.commands.inbound import ReceiveMessage, ReportDelivery, RestoreMessage
from shared.catalogue.commands.people import (
    BlockContactPoint,
    LinkContactPoint,
    MergeCustomers,
    PlanShifts,
    PutAgent,
    PutCustomer,
    RemoveAgent,
    SetPresence,
    UnlinkContactPoint,
)  # fmt: skip  # fmt: skip
from shared.catalogue.commands.tickets import (
    EscalateTicket,
    LinkTickets,
    MergeTickets,
    OpenTicket,
    Promise,
    Reply,
    SplitTicket,
    UnlinkTickets,
    UnmergeTicket,
    UpdateTicket,
)  # fmt: skip  # fmt: skip
from shared.catalogue.commands.work import (
    AcceptOffer,
    CompleteTask,
    DeclineOffer,
    OpenTask,
    ReleaseWork,
    TakeWork,
    TransferWork,
)  # fmt: skip  # fmt: skip

COMMANDS: tuple[type[Command], ...] = (
    ReceiveMessage, RestoreMessage, ReportDelivery,
    OpenTicket, UpdateTicket, MergeTickets, UnmergeTicket, SplitTicket, LinkTickets, UnlinkTickets, EscalateTicket,
    TakeWork, TransferWork, ReleaseWork, AcceptOffer, DeclineOffer, OpenTask, CompleteTask,
    PutAgent, RemoveAgent, SetPresence, PlanShifts,
    PutCustomer, LinkContactPoint, UnlinkContactPoint, MergeCustomers, BlockContactPoint,
    ApplyPolicy, Tick, SwitchRules, InviteToSurvey, AnswerSurvey,
)  # fmt: skip

__all__ = [
    "COMMANDS", "AcceptOffer", "AnswerSurvey", "ApplyPolicy", "BlockContactPoint", "Command", "CompleteTask",
    "DeclineOffer", "EscalateTicket", "InviteToSurvey", "LinkContactPoint", "LinkTickets", "MergeCustomers",
    "MergeTickets", "OpenTask", "OpenTicket", "PlanShifts", "Promise", "PutAgent", "PutCustomer", "ReceiveMessage",
    "ReleaseWork", "RemoveAgent", "Reply", "ReportDelivery", "RestoreMessage", "SetPresence", "SplitTicket",
    "SwitchRules", "TakeWork", "Tick", "TransferWork", "UnlinkContactPoint", "UnlinkTickets", "UnmergeTicket",
    "UpdateTicket",
]  # fmt: skip
