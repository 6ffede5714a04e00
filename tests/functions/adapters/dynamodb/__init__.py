"""Mappers and models of the one table, without a socket."""
