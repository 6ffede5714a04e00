"""Settings, composition, HTTP edge, queues, streams, observability."""
