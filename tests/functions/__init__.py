"""What runs in Lambda outside the domain."""
