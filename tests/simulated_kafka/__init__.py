"""A Kafka in memory, in the place of the libraries' clients: the adapter and the shells run on it as they are.

`cluster` is the log with its faults, `consumer`, `producer` and `admin` are what the product makes of the libraries,
`group` shares partitions out, `faust_app` is as much of Faust as its shell uses, `process` dies and freezes, `time`
jumps ahead when nobody has anything to do. A fake must not lie: it passes the log's contract suite, as the real one does.
"""
