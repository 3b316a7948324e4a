import pytest

from tests.unit.policy.samples import ACCOUNTS, TEAMS, findings, written

WORDS = "words: {lost: {en: [lost]}}\n"
SLA = "sla:\n  - {{id: s, targets: {{first_reply: {{within: 1h}}}}, {}}}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (written(desk="  language: fr\n"), "desk.language: there is no desk language 'fr'"),
        (written(desk="  customer_tier: gold\n"), "desk.customer_tier: there is no customer tier 'gold'"),
        (written("brands: {a: {name: A, calendar: nine}}\n"), "brands.a.calendar: there is no calendar 'nine'"),
        (
            written("brands: {a: {name: A}, b: {name: B}}\n"),
            "accounts.web: 'brand' is missing: there are several; choose from a, b",
        ),
        (written(accounts="accounts: {w: {channel: webform}}\n"), "accounts.w: 'key' is missing"),
        (written(accounts="accounts: {m: {channel: email}}\n"), "accounts.m: 'address' is missing"),
        (
            written(accounts=ACCOUNTS + "  other: {channel: email, address: b@example.com, also: HELP@example.com}\n"),
            "accounts.other.also: account 'mail' has this already",
        ),
        (
            written(accounts=ACCOUNTS + "  other: {channel: webform, key: pk_acme_web}\n"),
            "accounts.other.key: account 'web' has this already",
        ),
        (
            written(accounts=ACCOUNTS + "  x: {channel: api, team: nobody}\n"),
            "accounts.x.team: there is no team 'nobody'",
        ),
        (
            written(teams=TEAMS + "  b: {name: B, specialties: crds}\n"),
            "teams.b.specialties[0]: there is no category 'crds'",
        ),
        (
            written("categories: {cards/lost: {name: Lost}}\n", teams="teams: {a: {name: A, specialties: card}}\n"),
            "teams.a.specialties[0]: there is no category 'card'; choose from cards/lost, general",
        ),
        (
            written(teams="teams: {a: {name: A, specialties: general}, b: {name: B, specialties: general}}\n"),
            "teams.b.specialties[0]: 'general' is already the specialty of 'a'",
        ),
        (
            written(teams="teams: {a: {name: A, escalates_to: b}, b: {name: B, escalates_to: a}}\n"),
            "teams.a.escalates_to: these teams escalate in a circle",
        ),
        (
            written(teams="teams: {a: {name: A, offer_timeout: 0s}}\n"),
            "teams.a.offer_timeout: nobody can accept an offer in no time",
        ),
        (
            written(teams="teams: {a: {name: A, relaxation: [{after: 5m, drop: gold}]}}\n"),
            "teams.a.relaxation[0].drop[0]: there is no skill 'gold'; choose from language:ar, language:en",
        ),
        (
            written(SLA.format(f"warnings: [{', '.join(['{share: 75%}'] * 64)}]")),
            "sla[0].warnings: there are more than 63 warnings here; take some of them out",
        ),
        (written(SLA.format(f"warnings: [{{share: {'7' * 5_000}%}}]")), "this is no share of the time"),
        (
            written("surveys: {csat: {delay: 99999999999999999999w}}\n"),
            "line 14, column 25: surveys.csat.delay: this is longer than ten years; write at most",
        ),
        (
            written(rules="rules: [{id: a, when: {words: lst}}, {id: b}]\n" + WORDS),
            "there is no word list 'lst'; did you mean 'lost'?",
        ),
        (
            written(rules="rules: [{id: a, when: {account: wab}}, {id: b}]\n"),
            "there is no channel account 'wab'; did you mean 'web'?",
        ),
        (written(rules="rules: [{id: a, then: {skills: {welding: 2}}}]\n"), "there is no skill 'welding'"),
        (
            written(rules="rules: [{id: a, then: {category: cards}}]\n"),
            "there is no category 'cards'; choose from general",
        ),
        (written(rules="rules: [{id: a, when: {channel: chat}}]\n"), "rules[0]: the last rule must hold always"),
        (
            written(rules="rules: [{id: a}, {id: b}]\n"),
            "rules[1]: nothing gets here: 'a' above holds always; move 'a' to the end",
        ),
        (
            written(rules="rules: [{id: a, when: {tier: vip}}, {id: b, when: {tier: [vip]}}, {id: c}]\n"),
            "rules[1]: nothing gets here: 'a' has the same conditions",
        ),
        (written(rules="rules: [{id: a, when: {tier: vip}}, {id: a}]\n"), "rules[1].id: the id 'a' is taken"),
        (written(SLA.format("when: {team: b}")), "sla[0].when.team[0]: there is no team 'b'"),
        (written(SLA.format("warnings: [{before: 2h}]")), "sla[0].warnings[0].before: this warning would come at once"),
        (written(SLA.format("warnings: [{share: 5%, before: 1m}]")), "a warning needs one moment"),
        (written(SLA.format("warnings: [{share: half}]")), "this is no share of the time"),
        (written(SLA.format("warnings: [{share: 5%, targets: update}]")), "this policy promises no update"),
        (written(SLA.format("escalations: [{on: breach}]")), "this escalation does nothing"),
        (written(SLA.format("escalations: [{team: second}]")), "there is no team 'second'"),
        (
            written("sla: [{id: s, targets: {resolution: {within: 1d, at_latest: 2d}}}]\n"),
            "the clock of resolution pauses, so it can't have at_latest",
        ),
        (
            written("sla: [{id: s, targets: {update: {within: 4h, at_latest: 1d}}}]\n"),
            "the clock of update pauses, so it can't have at_latest",
        ),
        (
            written("words: {Refund: {en: [refund]}}\n"),
            "line 14, column 9: words.Refund: this is no id; use lower-case",
        ),
        (written("words: {24: {en: [refund]}}\n"), "line 14, column 9: words.24: this is no id; use lower-case"),
        (written("words: {w: {}}\n"), "words.w: this word list is empty"),
        (written('words: {w: {en: ["!!"]}}\n'), "words.w.en[0]: this phrase has no word in it"),
        (written('words: {w: {ar: ["ب*"]}}\n'), "words.w.ar[0]: this beginning is too short"),
        (written("opt_out: {ar: [إيقاف, إلغاء]}\n"), "opt_out.ar[1]: 'إلغاء' alone may also mean an order"),
        (written("opt_out: {en: [Cancel]}\n"), "opt_out.en[0]: 'Cancel' alone may also mean an order"),
        (
            written('texts: {acknowledgement: {body: {en: "{nmber}"}}}\n'),
            "texts.acknowledgement.body.en: there is no placeholder {nmber}",
        ),
        (written('texts: {acknowledgement: {body: "{desk.id}"}}\n'), "there is no placeholder {desk.id}"),
        (written('texts: {acknowledgement: {body: "a } b"}}\n'), "a brace stands alone here"),
        (
            written('texts: {survey_reminder: {body: {ar: "{link}", en: "How was it? {{link}}"}}}\n'),
            "texts.survey_reminder.body.en: nobody could answer this question: it has no {link}",
        ),
        (written("texts: {survey_reminder: {}}\n"), "texts.survey_reminder: this text has no body"),
        (written("skills: {a b: {name: x}}\n"), "skills.a b: this is no skill name"),
        (written("priorities: {urgnt: {name: x}}\n"), "priorities.urgnt: this is not one of the known words"),
        (written("capacity: {weights: [{points: some}]}\n"), "capacity.weights[0].points: this is no weight"),
        (written('surveys: {csat: {quiet: "9-21"}}\n'), "surveys.csat.quiet: these are no quiet hours"),
        (
            written("surveys: {csat: {low_score: 9}}\n"),
            "surveys.csat.low_score: this should be less than or equal to 4",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(text: str, expected: str) -> None:
    found = findings(text)
    assert any(expected in finding for finding in found), found


@pytest.mark.parametrize(
    ("calendar", "expected"),
    [
        ("{hours: 17:00-08:00}", 'this shift ends before it starts; swap the times, or write "17:00-08:00+1"'),
        ("{hours: 08:00-08:00}", "this shift ends before it starts"),
        ("{hours: 8-17}", 'this is no shift; write it as "08:00-17:00"'),
        ("{hours: 08:00-24:30}", "this shift has a time after 24:00"),
        ("{hours: 24:00-24:00+1}", "this shift has a time after 24:00"),
        ("{hours: [08:00-12:00, 11:00-17:00]}", "calendars.c.hours[1]: this shift overlaps another of the same day"),
        ("{hours: [22:00-06:00+1, 05:00-10:00]}", "the night of sunday runs into the first shift of monday"),
        (
            "{week: {monday: 20:00-09:00+1, tuesday: 08:00-10:00}}",
            "calendars.c.week.monday: the night of monday runs into",
        ),
        (
            "{week: {sunday: 20:00-09:00+1, monday: 08:00-10:00}}",
            "calendars.c.week.sunday: the night of sunday runs into",
        ),
        ("{week: {mon: 08:00-10:00}}", "calendars.c.week.mon: this is no day of the week"),
        ("{hours: [], zone: Asia/Mecca}", "calendars.c.zone: there is no time zone 'Asia/Mecca'"),
        ("{hours: [], zone: ../../etc/passwd}", "calendars.c.zone: there is no time zone"),
        ("{hours: [], country: XX}", "calendars.c.country: no holidays are known for 'XX'"),
        ("{hours: [], country: Saudi}", "calendars.c.country: this is no country code"),
        ("{zone: UTC}", "calendars.c: this calendar says no hours"),
        (
            "{hours: [], days: [{first: 2026-03-02, last: 2026-03-01}]}",
            "calendars.c.days[0]: this span ends before it starts",
        ),
        ("{hours: [], days: [{first: 2026-03-02, last: 2028-03-01}]}", "this span is longer than a year"),
        (
            "{hours: [], seasons: [{first: 2026-03-02, hours: [08:00-09:00, 08:30-10:00]}]}",
            "seasons[0].hours[1]: this shift overlaps",
        ),
    ],
)
def test_hours_that_make_no_sense_are_refused(calendar: str, expected: str) -> None:
    found = findings(written(f"calendars:\n  c: {calendar}\n"))
    assert any(expected in finding for finding in found), found


def test_a_calendar_of_the_shipped_name_is_refused() -> None:
    assert "'always' is the shipped calendar" in findings(written("calendars: {always: {hours: []}}\n"))[0]


def test_an_unknown_zone_of_the_desk_is_found() -> None:
    found = findings(written().replace("Asia/Riyadh", "Asia/Riyad"))
    assert found == [
        'line 5, column 9: desk.zone: there is no time zone \'Asia/Riyad\'; write an IANA name such as "Asia/Riyadh" or "Africa/Cairo"'
    ]


def test_shifts_that_only_touch_are_fine() -> None:
    assert findings(written("calendars: {c: {hours: [08:00-12:00, 12:00-20:00, 20:00-08:00+1]}}\n")) == []
