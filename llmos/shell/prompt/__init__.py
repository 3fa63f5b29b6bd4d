"""Where the person writes: several lines, history, completion, files, and keys for all of it."""
