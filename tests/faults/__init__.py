"""What must hold whatever breaks, and whoever reaches for what is not his."""
