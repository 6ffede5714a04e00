"""The operator's tools: dead letters looked at and sent again, commits told to the bus again."""
