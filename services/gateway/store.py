"""Where the gateway keeps what it shows. Projections first: each follows exactly one topic; then what is no fold."""

from shared import texts
from shared.documents import Collection

TICKETS = Collection(
    "tickets", ("number", "status", "team", "owner", "customer", "work_state", "holder", "rank", "opened_at")
)
CONVERSATIONS = Collection("conversations", ("ticket",))
MESSAGES = Collection("messages", ("thread", "place"))
"""`thread` is the conversation, or for a note the ticket: a conversation that moves takes its messages along."""
HISTORY = Collection("history", ("ticket",))
TASKS = Collection("tasks", ("ticket", "team", "owner", "state", "due_at", "work_state", "holder", "rank"))
AGENTS = Collection("agents", ("team", "state"))
CUSTOMERS = Collection("customers", ("account",))
CONTACT_POINTS = Collection("contact_points", ("customer",))
SET_ASIDE = Collection("set_aside", ("state", "at"))
SETTLED = Collection("settled", ("at",))
DESK = Collection("desk")

CLOCKS = Collection("clocks", ("ticket", "state", "due_at"))
CLOCK_HISTORY = Collection("clock_history", ("ticket",))
SURVEYS = Collection("surveys", ("ticket", "state", "customer"))
SURVEY_HISTORY = Collection("survey_history", ("ticket",))

MARKS = Collection("marks")
"""Per topic the seq up to which its documents are written: nothing beyond it is shown anywhere."""

REBUILT = Collection("rebuilt", ("rebuild",))
"""Nothing is kept here any more. The release before this one folds rebuilds here: whoever goes back to it needs the index."""

REBUILDS = Collection("rebuilds", ("state",))
"""Of the whole installation, so that who rebuilds asks once; keys are `<desk>/<projection>`."""

DESK_PROJECTION = (
    TICKETS, CONVERSATIONS, MESSAGES, HISTORY, TASKS, AGENTS, CUSTOMERS, CONTACT_POINTS, SET_ASIDE, SETTLED, DESK,
)  # fmt: skip
SLA_PROJECTION = (CLOCKS, CLOCK_HISTORY)
SURVEY_PROJECTION = (SURVEYS, SURVEY_HISTORY)

KEYS = Collection("api_keys", ("desk",))
SESSIONS = Collection("sessions", ("holder", "expires_at"))
"""`holder` is `<desk>/<agent>`; the key is the digest of the cookie, which is kept nowhere."""
USED_LINKS = Collection("used_links", ("expires_at",))
SIGN_IN_REQUESTS = Collection("sign_in_requests", ("at",))
REQUESTS = Collection("write_requests", ("at",))
"""Payload digests, and who asked, by command id: the same Idempotency-Key must mean the same request."""
HEARTBEATS = Collection("heartbeats", ("at",))

ACCOUNTS = (KEYS, SESSIONS, USED_LINKS, SIGN_IN_REQUESTS, REQUESTS, HEARTBEATS)

COLLECTIONS: tuple[Collection, ...] = (
    *DESK_PROJECTION, *SLA_PROJECTION, *SURVEY_PROJECTION, MARKS, REBUILT, REBUILDS, *ACCOUNTS, *texts.COLLECTIONS,
)  # fmt: skip
