"""Contestants that run in the peers' own environment, `.local/peers`, and cannot be imported in ours."""
