"""Moving a desk: what an export holds, how it is written, and how another installation takes it in."""
