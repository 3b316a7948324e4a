"""`make bench`: each figure beside a bare reference of the same run, because machines differ and are shared."""
