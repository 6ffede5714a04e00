"""The terminal client: against a runtime in memory, a user pool in memory, and a terminal of its own."""
