"""Policies with every strategy and mode, small capacities and short promises, so that everything happens within a run."""

from functools import cache
from itertools import product

from services.gateway.policy_file.loader import load_policy
from shared.clock import DAY
from shared.policy.policy import Policy
from tests.simulation.time import START

STRATEGIES = ("least_loaded", "longest_idle", "round_robin")
MODES = ("push", "offer", "pull")
VARIANTS = tuple(product(STRATEGIES, MODES, MODES[:2]))

TEXT = """
desk: {{id: {desk}, organisation: organisation-{desk}, name: Desk, calendar: day, reopen_window: 1h, zone: UTC}}
accounts:
  mail: {{channel: email, name: Mail, address: help@example.org}}
  form: {{channel: webform, name: Form, key: public-form-1}}
  chat: {{channel: chat, name: Chat, team: support}}
calendars: {{day: {{name: Day, hours: ["00:00-11:50", "12:00-24:00"]}}}}
skills: {{french: {{name: French}}, "language:ar": {{name: Arabic}}}}
categories: {{billing: {{name: Billing}}, billing/refund: {{name: Refund}}}}
words: {{money: {{en: [money, refund], ar: [مال]}}, urgent: {{en: [urgent]}}}}
teams:
  support:
    name: Support
    strategy: {strategy}
    mode: {mode}
    offer_timeout: 40s
    requeue_after: 3m
    disconnect_grace: 30s
    break_limit: 5m
    escalates_to: experts
    relaxation: [{{after: 2m, drop: [french]}}]
  billing: {{name: Billing, specialties: [billing], strategy: least_loaded, mode: {other}, return_to_owner: false}}
  experts: {{name: Experts, tier: 2, strategy: longest_idle}}
capacity:
  points: 7
  weights:
    - {{state: [pending, on_hold, resolved, closed, silent], points: 0}}
    - {{channel: chat, points: all}}
    - {{kind: task, points: 1}}
    - {{channel: email, points: 3}}
    - {{points: 2}}
rules:
  - {{id: money, when: {{words: money}}, then: {{category: billing/refund, priority: high}}}}
  - {{id: urgent, when: {{words: urgent}}, then: {{priority: urgent, team: support}}}}
  - {{id: french, when: {{account: form, language: ar}}, then: {{team: support, skills: {{french: 2}}}}}}
  - {{id: otherwise, then: {{team: support}}}}
sla:
  - id: short
    targets:
      first_reply: {{within: 12m, at_latest: 30m}}
      next_reply: {{within: 8m, time: wall}}
      update: {{within: 30m, time: wall}}
      resolution: {{within: 2h, time: wall}}
    pause_on_hold: true
    warnings: [{{share: 50%, to: owner}}, {{before: 30s, targets: [first_reply], to: lead}}]
    escalations:
      - {{on: warning, notify: [owner]}}
      - {{on: breach, targets: [first_reply], raise_priority: true, notify: [lead]}}
      - {{on: breach, targets: [next_reply], raise_tier: true}}
thanks: {{en: [thanks]}}
opt_out: {{en: [stop]}}
texts:
  acknowledgement: {{subject: "{{number}}", body: "{{number}}"}}
  survey_invitation: {{subject: "{{number}}", body: "{{link}}"}}
  survey_reminder: {{subject: "{{number}}", body: "{{link}}"}}
sub_statuses: {{papers: {{name: Papers, status: pending}}, checked: {{name: Checked, status: open}}}}
surveys: {{csat: {{delay: 20s, reminder_after: 10m, expires_after: 3h, once_per: {once}, quiet: null, question: {{ask: a, lowest: b, highest: c, comment: d, thanks: e}}}}}}
"""


@cache
def policy(desk: str, variant: int) -> Policy:
    """One of them; there are as many as VARIANTS."""
    strategy, mode, other = VARIANTS[variant % len(VARIANTS)]
    once = "0s" if variant % 2 else "30d"
    made = load_policy(TEXT.format(desk=desk, strategy=strategy, mode=mode, other=other, once=once), at=START)
    # nobody here lives long enough to need years of opening hours, and working them out takes most of a run
    horizon = {"since": START - 20 * DAY, "until": START + 40 * DAY}
    return made.model_copy(
        update={"zones": {name: zone.model_copy(update=horizon) for name, zone in made.zones.items()}}
    )
