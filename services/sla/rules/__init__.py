"""What is promised and whether it is kept. Pure: time comes in as an argument, what happens goes out as facts."""
