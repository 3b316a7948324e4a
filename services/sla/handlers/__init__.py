"""Which of the desk's facts means what to the clocks: `tickets`, `messages`, `desk`, and the table of all in `decide`."""
