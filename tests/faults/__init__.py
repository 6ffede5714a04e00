"""Tests that crash, race, kill and lie: `make test` tries a part of each, `make faults` all."""
