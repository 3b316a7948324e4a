"""Real engines on this machine, from Maven, without containers: for trying the distributed desk, and for its tests.

An engine is one module with `start(folder, say, ...) -> Running`; `stop(running)` is the same for all of them.
`maven` fetches what an engine is made of, `children` starts and watches its processes.
"""
