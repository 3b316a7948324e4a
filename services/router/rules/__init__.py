"""Why things happen: pure rules, one noun a file.

A rule is a generator: it yields a fact, which is folded at once, so its next line sees the desk as the fact left it. It
raises `Rejected` before its first fact or not at all, and looks at no clock: it is given the time `at`.
"""
