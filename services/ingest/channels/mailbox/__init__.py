"""E-mail as a channel: what `channels/email` reads and writes, tied to desks, the log and the outbox.

`receiving` takes mail in, `understood` makes a message of it, `bounces` says what of ours came back; `letters` writes
ours, `posting` sends it, or puts it into a visible folder where no relay is set.
"""
