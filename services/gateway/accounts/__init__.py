"""Who asks: API keys for programs, sessions for people, one-time links to begin a session.

Desk and organisation of a request come from here and from nowhere else. No secret is stored: keys, cookies and links
are kept as digests, or not at all.
"""
