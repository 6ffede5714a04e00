"""Entities, values, facts and refusals."""
