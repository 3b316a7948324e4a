"""Clocks: what was promised to whom by when, and whether it was kept.

Consumes `sanad.desk` · Decides when a target starts, stands still, warns and ends, exactly one verdict per cycle ·
Emits `sanad.sla`, and the command `sanad.ticket.escalate.v1` beside a warning or a breach.

Reading order: `targets` (what can be promised) → `business_hours` → `rules/` (plan, timing, settle, recount, replan,
lateness, judge, merge, promises) → `evolve` (what our own facts do to a clock) → `handlers/` (what the desk's facts do) →
`store/` → `app`.
"""
