"""The outbox: what the router recorded to be sent, and the loop that sends it (R9).

`fold` writes each delivery down once, `outbox` holds their states, `sending` claims, sends and reports, `breaker` keeps
a broken relay from being asked again and again.
"""
