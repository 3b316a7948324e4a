"""Ingest: the doors customers come in by, and the way our messages go out.

Consumes `sanad.desk` (the policy in force, how far the desk is) and `sanad.deliveries` (what must go out) ·
Decides nothing about tickets: whom a door belongs to, what a message says, when to send, again, or not ·
Emits the commands `ReceiveMessage` and `ReportDelivery`.

`channel` is what a channel is, `channels/` are the channels and their table; `rules` makes a message a command,
`intake` makes it durable, `delivery/` sends. An answer to a customer or a mail server comes after the append.
"""
