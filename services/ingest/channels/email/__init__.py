"""E-mail: hostile bytes in, one understood mail out; and our own mail on its way to people.

`limits` and `parse` read a mail (in `child`, a process with little time and memory), `automatic` and `bounces` say
what no person wrote, `trim` shows only what is new, `threads` proves which conversation is meant, `compose` writes,
`smtp_in` listens, `smtp_out` submits.
"""
