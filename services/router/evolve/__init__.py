"""What each fact does to the desk: one function per fact, by noun. No decisions here, so folding facts alone rebuilds a
lost checkpoint (R4)."""
