"""What an operator can ask of Sanad on a terminal. The only place that knows all services."""
