"""Files that tracer writes: whole or not at all, and only what is its own."""
