"""The closed sets of words a policy, a command and a fact share."""

from enum import StrEnum


class Channel(StrEnum):
    """Every way a customer can reach a desk; which of them are served is a matter of channel accounts."""

    EMAIL = "email"
    WEBFORM = "webform"
    PORTAL = "portal"
    CHAT = "chat"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    MESSENGER = "messenger"
    INSTAGRAM = "instagram"
    COMMENTS = "comments"
    TELEGRAM = "telegram"
    SIGNAL = "signal"
    VOICE = "voice"
    VIDEO = "video"
    FORUM = "forum"
    API = "api"


class Priority(StrEnum):
    """Highest first: the order of the members is the order of urgency."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class TicketType(StrEnum):
    QUESTION = "question"
    REQUEST = "request"
    INCIDENT = "incident"
    PROBLEM = "problem"
    COMPLAINT = "complaint"
    TASK = "task"


class Status(StrEnum):
    """The six statuses clocks read; named sub-statuses map to one of them."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    CLOSED = "closed"


class WorkKind(StrEnum):
    """What is queued, offered, held and weighed."""

    TICKET = "ticket"
    CHAT = "chat"
    CALL = "call"
    TASK = "task"


class TargetKind(StrEnum):
    """The promises an SLA policy can make. A promise of an agent ("I'll call at ten") carries its own due time."""

    FIRST_REPLY = "first_reply"
    NEXT_REPLY = "next_reply"
    UPDATE = "update"
    RESOLUTION = "resolution"


class Purpose(StrEnum):
    """What a contact point's consent is asked for."""

    SERVICE = "service"
    SURVEY = "survey"
    PROACTIVE = "proactive"


class Strategy(StrEnum):
    LEAST_LOADED = "least_loaded"
    LONGEST_IDLE = "longest_idle"
    ROUND_ROBIN = "round_robin"


class AssignmentMode(StrEnum):
    PUSH = "push"
    OFFER = "offer"
    PULL = "pull"
