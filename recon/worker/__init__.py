"""The background processes: workers that execute runs in child processes, and the sidecar that keeps time."""
