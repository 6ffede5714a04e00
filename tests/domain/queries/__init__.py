"""Queries, one file each."""
