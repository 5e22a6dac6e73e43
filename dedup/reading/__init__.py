"""Reading: one module a format, all yield Article."""
