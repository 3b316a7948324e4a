"""The policy: one reviewed file, desk.yaml, compiled into what travels in the fact `policy.applied`.

Reading order: `terms` (closed word sets) → `policy` (the compiled whole) → one noun a file → `loader` (desk.yaml in,
`Policy` or all its errors out) → `diff`. Services read the compiled policy from the fact only, never from disk.
"""
