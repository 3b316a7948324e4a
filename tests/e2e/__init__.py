"""Sanad from outside: a real process, spoken to by HTTP and SMTP only."""
