"""Adapters of the shell port, one technology a file. Both join the group `sanad.<service>`, and neither mixes with the
other in one group: their partition assignors differ."""
