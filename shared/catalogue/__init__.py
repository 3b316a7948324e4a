"""The contracts: every command, fact and delivery, its envelope, its topic. Services know each other only by these."""
