"""The words for values that facts and documents hold. English is the key, its table's name the context."""

from collections.abc import Mapping

Table = Mapping[str, str]

STATUS: Table = {
    "new": "New", "open": "Open", "pending": "Waiting for the customer", "on_hold": "On hold", "resolved": "Resolved",
    "closed": "Closed",
}  # fmt: skip
TYPE: Table = {
    "question": "Question", "request": "Request", "incident": "Incident", "problem": "Problem",
    "complaint": "Complaint", "task": "Task",
}  # fmt: skip
CHANNEL: Table = {
    "email": "E-mail", "webform": "Web form", "portal": "Portal", "chat": "Chat", "sms": "SMS", "whatsapp": "WhatsApp",
    "messenger": "Messenger", "instagram": "Instagram", "comments": "Comments", "telegram": "Telegram",
    "signal": "Signal", "voice": "Call", "video": "Video call", "forum": "Forum", "api": "API",
}  # fmt: skip
TARGET: Table = {
    "first_reply": "First reply", "next_reply": "Next reply", "update": "Update", "resolution": "Resolution",
    "promise": "Promise",
}  # fmt: skip
CLOCK: Table = {
    "running": "Running",
    "paused": "Paused",
    "met": "Met",
    "breached": "Breached",
    "cancelled": "Cancelled",
}
ROLE: Table = {
    "admin": "Administrator", "manager": "Manager", "lead": "Lead", "agent": "Agent", "integrator": "Program",
    "customer": "Customer", "system": "Sanad",
}  # fmt: skip
PURPOSE: Table = {
    "call_back": "Call back", "follow_up": "Follow up", "promise": "Promise", "low_score": "Low survey score",
    "assist": "Help for another team",
}  # fmt: skip
LETTER: Table = {"reply": "Reply", "automatic": "Automatic message", "survey": "Survey"}
PRESENCE: Table = {"ready": "Ready", "not_ready": "Not ready"}
LANGUAGE: Table = {"ar": "Arabic", "en": "English"}
ASIDE: Table = {
    "spam": "Spam", "automatic": "Automatic mail", "blocked": "Blocked sender", "echo": "Echo of our own message",
    "opt_out": "Unsubscribed", "bounce": "Delivery notice", "thanks": "Thanks, nothing else",
}  # fmt: skip
DELIVERY: Table = {
    "delivered": "Delivered", "failed": "Not delivered", "unknown": "Delivery unknown", "stored": "Not sent: no relay",
    "waiting": "Waiting to be sent", "sending": "Being sent", "reporting": "Being sent",
    "held": "Held: waits for an operator",
}  # fmt: skip
ASSURANCE: Table = {
    "none": "Sender not verified", "channel": "Known to the channel", "aligned_mail": "Sender's domain verified",
    "signed_in": "Signed in", "one_time_code": "Verified by a one-time code",
}  # fmt: skip
SURVEY: Table = {
    "scheduled": "Will be asked", "invited": "Being asked", "sent": "Asked", "answered": "Answered",
    "skipped": "Not asked", "cancelled": "No longer asked", "expired": "Not answered in time",
}  # fmt: skip
LINK: Table = {
    "merged_into": "Merged into", "split_from": "Split from", "follow_up_of": "Follow-up of",
    "incident_of": "Incident of", "child_of": "Part of", "duplicate_of": "Duplicate of",
}  # fmt: skip
LINKED: Table = {
    "merged_into": "Took over", "split_from": "Split off", "follow_up_of": "Followed up by", "incident_of": "Has incident",
    "child_of": "Has part", "duplicate_of": "Has duplicate",
}  # fmt: skip
STRATEGY: Table = {
    "least_loaded": "least loaded first", "longest_idle": "longest idle first", "round_robin": "in turn",
    "taken": "taken by hand", "given": "given by hand", "returned": "returned to its owner",
}  # fmt: skip
HOW: Table = {
    "automatic": "automatically", "accepted": "after an offer", "taken": "taken by hand", "given": "given by hand",
    "returned": "returned to its owner",
}  # fmt: skip
EXCLUSION: Table = {
    "not_ready": "not ready", "channel": "not on this channel", "skills": "lacks a skill", "capacity": "no room",
    "passed": "had it before", "team": "another team",
}  # fmt: skip
CAUSE: Table = {
    "solved": "solved", "silent": "the customer fell silent", "duplicate": "duplicate", "spam": "spam",
    "touched": "taken up", "reopened": "reopened", "reopened_by_agent": "reopened by an agent",
    "window_ended": "the reopen window ended", "customer_replied": "the customer wrote", "replied": "replied",
    "asked": "by hand", "asked_again": "asked again", "pulled_back": "pulled back", "shift_ended": "the shift ended",
    "offer_timeout": "the offer was not taken", "owner_away": "its owner is away", "owner": "back to its owner",
    "declined": "declined", "timeout": "not taken in time", "withdrawn": "withdrawn", "transferred": "handed over",
    "released": "given back", "opened": "opened", "automatic": "automatically", "taken": "taken by hand",
    "given": "given by hand", "returned": "returned to its owner", "accepted": "after an offer",
    "escalated": "escalated", "merged": "merged", "unmerged": "merge taken back", "split": "split off",
    "follow_up": "follow-up", "breach": "promise missed", "warning": "promise at risk", "due": "due",
    "hold_ended": "the hold ended", "done": "done", "completed": "done", "policy": "a new policy",
    "relaxed": "skills no longer asked for", "delivery_failed": "the reply was not delivered", "promise": "promise",
}  # fmt: skip
REFUSAL: Table = {
    "forbidden": "You may not do this.",
    "reason_not_yours": "You may not choose this reason.",
    "newer_messages": "The customer has written in the meantime. Read it above; your draft is kept.",
    "ticket_not_live": "This ticket is closed.",
    "ticket_merged": "This ticket was merged into another one.",
    "not_merged": "This ticket is not merged.",
    "illegal_status": "It cannot get this status now.",
    "unknown_sub_status": "There is no such closer name for a status.",
    "other_status": "This closer name belongs to another status.",
    "hold_reason_needed": "Choose a reason for the hold.",
    "unknown_hold_reason": "Choose a reason for the hold.",
    "hold_too_long": "This reason does not allow so long a hold.",
    "until_in_past": "Choose a time that is still to come.",
    "due_in_past": "Choose a time that is still to come.",
    "unknown_category": "There is no such category.",
    "unknown_skill": "There is no such skill.",
    "unknown_reason": "Choose a reason.",
    "unknown_cause": "Choose why it is resolved.",
    "invalid_word": "Use a short word of letters, digits, hyphens and dots, without spaces.",
    "too_many_fields": "These are too many fields.",
    "too_many_tags": "These are too many tags.",
    "no_conversation": "There is no conversation to answer in.",
    "no_such_conversation": "There is no such conversation.",
    "rules_not_in_force": "This desk does not allow it yet; your administrator can switch it on.",
    "no_copies_here": "Only answers by e-mail can be copied to others.",
    "own_address": "One of the addresses is a mailbox of this desk.",
    "blocked_contact": "One of the addresses is blocked.",
    "too_many_participants": "Too many people would take part in this conversation.",
    "no_such_ticket": "There is no such ticket.",
    "no_such_work": "Nothing is left to do here.",
    "no_such_agent": "There is no such agent.",
    "no_such_team": "There is no such team.",
    "no_such_task": "There is no such task.",
    "no_such_message": "There is no such message.",
    "no_such_customer": "There is no such customer.",
    "no_such_contact": "There is no such address or number.",
    "no_such_account": "There is no such channel account.",
    "no_contact_point": "There is no address or number to write to.",
    "no_such_delivery": "There is no such delivery.",
    "not_a_customer_message": "Only messages of the customer can be split off.",
    "nothing_left": "One message at least must stay.",
    "nothing_to_do": "Nothing is left to do here.",
    "nothing_asked": "Nothing was changed.",
    "not_waiting": "Somebody else has it already.",
    "not_held": "Nobody has it.",
    "not_yours": "It is not yours.",
    "not_by_hand": "This happens by itself only.",
    "stale_epoch": "It was given to somebody else in the meantime.",
    "not_set_aside": "It was brought back already.",
    "same_ticket": "A ticket cannot be merged into itself.",
    "spam": "Spam cannot be merged.",
    "too_many_conversations": "These tickets have too many conversations to be merged.",
    "too_many_merged": "Too many tickets have been merged into these already.",
    "too_many_messages": "These are too many messages for one split; take fewer.",
    "team_in_use": "A team that is left out still has people or tickets. Move them to another team first.",
    "no_policy": "This desk has no policy yet.",
    "changed_meanwhile": "It has changed in the meantime; look again.",
    "under_way": "It is on its way, or has arrived.",
    "too_many_requests": "That was too often; wait a moment.",
    "unavailable": "Sanad cannot answer now. Nothing you wrote is lost; try again in a moment.",
    "unauthenticated": "You are signed out. Sign in again; your draft is kept.",
    "other_site": "This request did not come from one of our own pages.",
    "invalid": "Something does not fit. Look at what you filled in.",
    "faulty_lines": "Nothing was changed: some lines are wrong.",
    "not_utf8": "The file is not UTF-8.",
    "too_large": "The file is too large.",
    "too_many_attachments": "These are too many files for one reply; take fewer.",
    "attachments_too_large": "These files are too large for one reply; take fewer.",
    "internal": "Sanad failed at this. Nothing was changed; tell your administrator.",
}
SCRIPT: Table = {
    "done": "Done.",
    "taken": "Taken in; it will show in a moment.",
    "refused": "The desk refused this.",
    "offline": "No connection: perhaps it was not sent. Your text is kept; sending it once more does no harm.",
    "live": "Live",
    "reconnecting": "Reconnecting …",
    "signed_out": "Signed out",
    "late": "%(length)s late",
    "left": "%(length)s left",
    "no_mail": "Nothing has been sent yet. When an agent replies by e-mail, it appears here.",
    "text_with_ticket": "It has arrived; its text is kept with the ticket.",
    "failed_to_load": "This could not be loaded.",
    "lines_fine": "All lines are fine; you can import them.",
    "imported": "Imported.",
    "no_ticket": "There is no ticket with this number.",
    "choose_file": "Choose a file first.",
    "line": "Line",
    "newer": "A new message arrived while you were writing.",
    "link_shown_once": "Hand this link over; it opens once, within the hour, and is shown only now:",
}

TABLES: Mapping[str, Table] = {
    "status": STATUS, "type": TYPE, "channel": CHANNEL, "target": TARGET, "clock": CLOCK, "role": ROLE,
    "purpose": PURPOSE, "presence": PRESENCE, "language": LANGUAGE, "aside": ASIDE, "delivery": DELIVERY, "letter": LETTER,
    "assurance": ASSURANCE, "survey": SURVEY, "link": LINK, "linked": LINKED, "strategy": STRATEGY, "how": HOW,
    "exclusion": EXCLUSION, "cause": CAUSE, "refusal": REFUSAL, "script": SCRIPT,
}  # fmt: skip
