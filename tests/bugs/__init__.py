"""Planted bugs: what each promise would cost if it were forgotten, and who notices. `python -m tests.bugs` shows them.

A bug is a piece of the product's text, found exactly once, and what stands there instead; it is planted while the module
is imported, in a process of its own. A patch file would rot silently, a text that no longer matches fails a test.
"""
