"""Rebuilding projections: folded again beside the documents that are shown, then only what differs is put right.

Readers never see an empty board, and a rebuild of sound documents changes nothing (S9).
"""

from services.gateway.rebuild.rebuilds import Rebuilds

__all__ = ["Rebuilds"]
