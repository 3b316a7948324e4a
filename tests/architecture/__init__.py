"""The house rules as tests: what a reader may rely on without opening every file."""
