"""Policies for a desk under test."""

from functools import lru_cache

from services.gateway.policy_file.loader import load_policy
from shared.policy.policy import Policy

LONG_AGO = 1_750_000_000_000

TEXT = """
desk:
  id: support
  organisation: acme
  name: Support
  language: en
  reopen_window: 7d
brands: {acme: {name: Acme}}
accounts:
  mail: {channel: email, address: help@acme.example}
  web: {channel: webform, key: pk_acme_contact}
  phone: {channel: whatsapp, team: cards, language: ar}
  news: {channel: sms, consent: {service: never, survey: required}}
categories:
  cards: {name: Cards}
  cards/fraud: {name: Fraud}
  billing: {name: Billing}
  general: {name: General}
skills:
  fraud: {name: Fraud}
  language:ar: {name: Arabic}
teams:
  front: {name: Front, specialties: [general], escalates_to: experts}
  cards:
    name: Cards
    specialties: [cards]
    escalates_to: experts
    strategy: longest_idle
    reopen_window: 1d
    relaxation: [{after: 10m, lower: 1}, {after: 30m, drop: [fraud]}]
  billing: {name: Billing, specialties: [billing], strategy: round_robin, return_to_owner: false}
  asked: {name: Asked, mode: offer, offer_timeout: 30s}
  pulled: {name: Pulled, mode: pull}
  experts: {name: Experts, tier: 2}
tiers: {standard: {name: Standard}, vip: {name: VIP, head_start: 2h}}
hold_reasons: {supplier: {name: Supplier, longest: 10d}, snoozed: {name: Snoozed}}
words:
  fraud: {en: [stolen, fraud], ar: [مسروقة]}
  card: {en: [card]}
  bill: {en: [invoice]}
  offer: {en: [offer]}
  pull: {en: [pull]}
rules:
  - id: fraud
    when: {words: [fraud]}
    then: {category: cards/fraud, type: incident, priority: urgent, skills: {fraud: 3}, tags: [fraud]}
  - {id: cards, when: {words: [card]}, then: {category: cards}}
  - {id: billing, when: {words: [bill]}, then: {category: billing}}
  - {id: asked, when: {words: [offer]}, then: {category: general, team: asked}}
  - {id: pulled, when: {words: [pull]}, then: {category: general, team: pulled}}
  - {id: boss, when: {address: [boss@client.example, "@vip.example"]}, then: {category: general, priority: high}}
  - {id: default, then: {category: general}}
"""


@lru_cache
def policy(text: str = TEXT) -> Policy:
    return load_policy(text, LONG_AGO)


def changed(*edits: str) -> Policy:
    """The same policy with some things changed: before, after, before, after …"""
    text = TEXT
    for before, after in zip(edits[::2], edits[1::2], strict=True):
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return policy(text)


def condition(words: str) -> str:
    """The id under which a door tells that these words were found."""
    return policy().words[words].condition
