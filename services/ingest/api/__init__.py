"""Ingest's part of the HTTP door: the channels' doors, and for the desk's people the outbox and mail to be read again."""
