"""What three services or more need, and nothing that decides about tickets: ports, contracts, the worker."""
