"""Small policies for tests, as people would write them."""

from datetime import UTC, datetime

from services.gateway.policy_file.findings import PolicyErrors
from services.gateway.policy_file.loader import load_policy
from shared.clock import Ms
from shared.policy.policy import Policy


def moment(text: str) -> Ms:
    """`moment("2026-11-23 08:00")`, UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


NOW = moment("2026-11-23 08:00")
"""A Monday."""

DESK = """\
desk:
  id: support
  organisation: acme
  name: Acme
  zone: Asia/Riyadh
  weekend: [friday, saturday]
"""
ACCOUNTS = """\
accounts:
  web: {channel: webform, key: pk_acme_web}
  mail: {channel: email, address: help@example.com}
"""
TEAMS = """\
teams:
  front: {name: {en: Front, ar: الخط الأول}}
"""
RULES = """\
rules:
  - {id: default}
"""


def written(more: str = "", *, desk: str = "", accounts: str = "", teams: str = "", rules: str = "") -> str:
    """A whole file: the minimal one with sections replaced, or lines added to the desk, and `more` at the end."""
    return DESK + desk + (accounts or ACCOUNTS) + (teams or TEAMS) + (rules or RULES) + more


def compiled(more: str = "", *, desk: str = "", accounts: str = "", teams: str = "", rules: str = "") -> Policy:
    return load_policy(written(more, desk=desk, accounts=accounts, teams=teams, rules=rules), at=NOW)


def findings(text: str) -> list[str]:
    """What is wrong with this file, a line each; empty where nothing is."""
    try:
        load_policy(text, at=NOW)
    except PolicyErrors as errors:
        return [str(finding) for finding in errors.findings]
    return []
