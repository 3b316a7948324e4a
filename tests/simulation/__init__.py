"""The core, its worker and its checkpoints under a seeded scheduler: every interleaving and fault repeats by its seed.

No event loop: coroutines are driven by hand, one step at a time, and each port call is a place to stop, fail or die.
"""
