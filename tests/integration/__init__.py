"""Tests that start servers on this machine."""
