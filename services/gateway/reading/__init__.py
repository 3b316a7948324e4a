"""Documents as people and programs read them: sets folded, names and texts joined, one desk at a time.

Framework-free: the API and the pages both read through here.
"""
