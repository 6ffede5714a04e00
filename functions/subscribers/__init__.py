"""One Lambda per subscriber of facts."""
