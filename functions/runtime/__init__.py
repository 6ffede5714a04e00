"""What every function shares: settings, composition root, HTTP edge, event dispatch, observability."""
