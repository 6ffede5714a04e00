"""How long tests wait."""

PATIENCE_SECONDS = 120.0
"""For what comes at once when a machine has nothing else to do: a test that passes never waits so long.

Tests share two cores, with coverage, servers and Lambda workers that start; on the slowest machine seen a turn took
16 s longer when 15 of them had been killed. A wait that ends before its time says nothing about the product.
"""
