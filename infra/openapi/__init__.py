"""The description of the API, made from catalog and models when they change; nothing in Lambda reads it."""
