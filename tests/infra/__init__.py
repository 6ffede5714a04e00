"""The CDK app and the local cloud, without starting either."""
