"""Costs, counted and never timed: what every operation costs, and the same chat on what others offer."""
