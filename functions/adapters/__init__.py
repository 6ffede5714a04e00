"""Everything that touches the world: storage, bus, models, clock."""
