"""Policies for clocks, as people would write them: a desk that never closes, and one open from nine to five."""

from functools import cache

from services.gateway.policy_file.loader import load_policy
from shared.policy.policy import Policy
from tests.unit.sla.calendars import moment

MONDAY = moment("2026-11-23 09:00")
"""The office opens."""

FILE = """\
desk:
  id: support
  organisation: acme
  name: Acme
  zone: UTC
  weekend: [saturday, sunday]
  calendar: {calendar}
brands:
  main: {{name: Main}}
accounts:
  web: {{channel: webform, key: pk_acme_web, brand: main}}
teams:
  front: {{name: Front}}
  night: {{name: Night, calendar: always}}
  office: {{name: Office, calendar: office}}
calendars:
  office: {{hours: ["09:00-17:00"]}}
  never: {{hours: []}}
categories:
  cards: {{name: Cards}}
  cards/lost: {{name: Lost cards}}
rules:
  - {{id: default}}
"""
PROMISES = """\
sla:
  - id: urgent
    when: {priority: urgent}
    targets: {first_reply: {within: 15m}, next_reply: {within: 15m}, resolution: {within: 2h}}
  - id: none
    when: {priority: low}
    targets: {resolution: {within: 1000h}}
  - id: usual
    targets:
      first_reply: {within: 1h, at_latest: 24h}
      next_reply: {within: 2h, at_latest: 24h}
      update: {within: 4h}
      resolution: {within: 8h}
    warnings:
      - {share: "75%", to: owner}
      - {before: 5m, to: [owner, lead], targets: first_reply}
    escalations:
      - {on: warning, notify: lead, targets: first_reply}
      - {on: breach, notify: [lead, team], raise_priority: true, targets: [first_reply, next_reply]}
      - {on: breach, raise_tier: true, targets: resolution}
"""


@cache
def policy(promises: str = PROMISES, calendar: str = "always") -> Policy:
    return load_policy(FILE.format(calendar=calendar) + promises, at=MONDAY)


@cache
def plain(within: str = "1h", calendar: str = "always", *more: str) -> Policy:
    """One promise: a first reply, and `more` targets with the same budget."""
    targets = "\n".join(f"      {name}: {{within: {within}}}" for name in ("first_reply", *more))
    return policy(f"sla:\n  - id: plain\n    targets:\n{targets}\n", calendar)
