"""Those outside: customers, agents, leads, surveyed people, and whoever sends ticks at the wrong time."""
