"""Bugs in the rules that came after a release: opening by hand, copies, assists, sub-statuses, addresses that take no mail."""

from tests.bugs.plant import Bug

ROUTER = "tests/unit/router/"
LATER = (
    Bug(
        "later rules apply before they are switched on",
        "services.router.desk.desk",
        "        return self.switches.get(rules, False)",
        "        return self.switches.get(rules, True)",
        f"{ROUTER}test_reach.py::test_before_the_rules_are_in_force_everything_is_as_it_was",
    ),
    Bug(
        "one secret names people in all organisations",
        "shared.secrets",
        '        return hmac.digest(self.contacts, organisation.encode(), "sha256")',
        '        return hmac.digest(self.contacts, b"", "sha256")',
        "tests/unit/shared/test_secrets.py::test_people_are_named_otherwise_by_each_organisation",
    ),
    Bug(
        "whom mail never reached is written to all the same",
        "services.router.rules.sending",
        '    return against or ("unreachable" if is_unreachable(desk, row.contact) else None)',
        "    return against",
        f"{ROUTER}test_reach.py::test_the_desk_falls_silent_there_but_people_may_try",
    ),
    Bug(
        "an assist's result stays on the merged ticket",
        "services.router.rules.tasks",
        "desk.merged(row.ticket) if row.ticket is not None",
        "row.ticket if row.ticket is not None",
        f"{ROUTER}test_assists.py::test_a_result_follows_a_merge_to_where_the_ticket_lives_on",
    ),
    Bug(
        "a mailbox of the desk is copied by its other name",
        "services.router.rules.copying",
        """isdisjoint({f"{name}@{domain}", f"{name.partition('+')[0]}@{domain}"})""",
        """isdisjoint({f"{name}@{domain}"})""",
        f"{ROUTER}test_copies.py::test_a_mailbox_of_the_desk_cannot_be_copied",
    ),
    Bug(
        "a ticket opened by hand is opened once more",
        "services.router.rules.opening_checks",
        """    if ticket in desk.tickets:
        raise Rejected("already_exists")
""",
        "",
        f"{ROUTER}test_opening.py::test_a_command_whose_outcome_is_forgotten_opens_no_second_one",
    ),
    Bug(
        "a sub-status outlives the status it belongs to",
        "services.router.rules.update",
        "        if named is None or named.status is row.status:",
        "        if True:",
        f"{ROUTER}test_sub_statuses.py::test_a_touch_that_ends_the_status_ends_its_name",
    ),
)
