"""Where clocks are kept: `ticket` the rows, `clocks` a desk's whole state and its timers."""
