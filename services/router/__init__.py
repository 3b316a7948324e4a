"""The desk itself: one ordered fold of commands into facts.

Consumes `sanad.commands` · Decides who a message belongs to, what a ticket is, who works on it and whether a command is
allowed · Emits `sanad.desk` and `sanad.deliveries`.

Reading order: `desk/` (the state) → `rules/` (why; pure generators that yield facts) → `evolve/` (what each fact does to
the state) → `handlers` (the tables DECIDE and EVOLVE) → `strategies` (who gets it) → `app` (wiring).
"""
