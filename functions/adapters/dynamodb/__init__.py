"""DynamoDB as store, log and lock: PynamoDB models, mappers, repositories."""
