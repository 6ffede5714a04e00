"""Facts on EventBridge."""
