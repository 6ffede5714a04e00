"""The domain: sessions, agents, turns and facts. Knows the standard library and pydantic, nothing else."""
