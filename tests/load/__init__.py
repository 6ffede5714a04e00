"""More and more at once: what a turn costs then, counted on the local cloud, and what AWS would do, on paper."""
