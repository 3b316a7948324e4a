"""Adapters of the shell port, one technology a file. All join the group `sanad.<service>` and deal partitions out alike, so
that members of one group may use one or the other."""
