"""The desk as people and programs see it: what is read, what is asked for, and who may do either.

Consumes sanad.desk, sanad.sla, sanad.surveys into documents; sanad.commands and sanad.deliveries into the text store.
Decides who asks (keys, sessions), whether they may, and when an answer is ready; nothing about tickets.
Emits commands on behalf of those who asked, the live feed, and pages.

Reading order: `store` (what is kept) → `handlers` (facts into documents) → `accounts` → `writing` → `feed` → `api`.
"""
