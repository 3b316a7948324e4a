"""What must hold whatever happens (S1 to S13, L1 to L5), judged from outside.

Each check is a pure function of the evidence: what clients sent, the full logs, the final stores. Nothing here imports
the product: records are read as bytes and headers, and the second model is written from domain.md alone.
"""
