"""What every adapter of a port owes the domain; the fakes pass the same tests as the real ones."""
