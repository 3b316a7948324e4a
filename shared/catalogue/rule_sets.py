"""Rules that came after a release: each is in force on a desk from `SwitchRules` on (readers first).

A worker of an older release would decide otherwise, or stop at the rules' facts. So whoever runs the desk switches them
on when no such worker is left; a new desk begins with all of them. What asks for a rule that is not in force is refused.
"""

AGENTS_COPY = "agents_copy"
"""Replies may copy people, who then take part in the conversation."""
SUB_STATUSES = "sub_statuses"
"""Tickets have the policy's sub-statuses, and `SubStatusChanged` says so."""
DEAD_ADDRESSES = "dead_addresses"
"""Addresses that nobody is reached at are marked, and the desk stays silent there."""
ASSISTS = "assists"
"""Another team is asked for help with a ticket: tasks have this purpose, and say so in their facts."""

SHIPPED: tuple[str, ...] = (AGENTS_COPY, SUB_STATUSES, DEAD_ADDRESSES, ASSISTS)
