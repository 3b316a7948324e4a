"""What doors read out of a customer's text: language, word conditions, thanks, opt-outs.

The text itself is never changed; everything here works on a folded copy. Nothing here may be called from a fold:
another version could answer differently, so answers travel in the command.
"""
