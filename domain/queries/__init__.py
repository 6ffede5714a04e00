"""Queries of the domain, one file each, with the DTO each answers with."""
