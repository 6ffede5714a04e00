"""One Lambda per command."""
