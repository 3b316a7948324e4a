"""Bounds a desk may tighten. Sizes in bytes."""

from pydantic import Field

from shared.policy.noun import Noun

KIB, MIB = 1024, 1024 * 1024


class Limits(Noun):
    message_bytes: int = Field(default=256 * KIB, ge=KIB, le=256 * KIB)
    attachments: int = Field(default=10, ge=0, le=50)
    attachment_bytes: int = Field(default=10 * MIB, ge=KIB, le=25 * MIB)
    mail_bytes: int = Field(default=25 * MIB, ge=64 * KIB, le=25 * MIB)
    form_posts_per_minute: int = Field(default=30, ge=1, le=10_000)
    """Per form and network address."""
    automatic_replies_per_day: int = Field(default=1, ge=0, le=10)
    """Per customer address."""
    open_tickets_per_customer: int = Field(default=50, ge=1, le=10_000)
    """Further messages join the latest ticket."""
    participants: int = Field(default=50, ge=1, le=200)
    tags: int = Field(default=30, ge=1, le=100)
    remembered_messages: int = Field(default=500_000, ge=1_000, le=5_000_000)
    """Budget of message ids kept for recognising repeats."""
