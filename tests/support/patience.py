"""How long tests wait."""

PATIENCE_SECONDS = 120.0
"""For what comes at once when a machine has nothing else to do: a test that passes never waits so long.

Tests share two cores, with coverage, servers and Lambda workers that start; the slowest machine seen took 16 s to start
15 of them anew, and a wait that ends before its time says nothing about the product.
"""
