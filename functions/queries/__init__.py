"""One Lambda per query."""
