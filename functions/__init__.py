"""Everything that runs in Lambda outside the domain."""
