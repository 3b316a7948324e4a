"""Asks the customer how it went, once, politely, and counts the answer.

Consumes `sanad.desk` (resolutions, reopenings, what became of invitations, answers from the signed page) ·
Decides whom to ask, when, and whether an answer counts ·
Emits `sanad.surveys`, and the commands `InviteToSurvey` and `OpenTask` (a low score is the lead's business).
"""
