"""The state of one desk: rows that are saved (`work`, `conversations`, `people`, `memory`), indexes that are derived
(`queues`, `roster`, `timers`), and `desk`, which holds them together."""
