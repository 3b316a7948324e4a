"""The policy decisions are measured under: one team per fifty agents would flatter us, so all agents are in a few."""

from functools import cache

from services.gateway.policy_file.loader import load_policy
from shared.policy.policy import Policy

TEXT = """
desk: {id: bench, organisation: bench, name: {en: Bench, ar: قياس}, zone: UTC, languages: [ar, en]}
accounts:
  web: {channel: webform, key: form-bench-1, team: first}
teams:
  first: {name: {en: First, ar: الأول}}
  second: {name: {en: Second, ar: الثاني}, strategy: longest_idle}
limits: {open_tickets_per_customer: 10000}
rules: [{id: all, then: {}}]
"""


@cache
def bench_policy() -> Policy:
    return load_policy(TEXT).at_version(1)
