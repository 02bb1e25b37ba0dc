"""What the sandbox serves beyond the directory: one file per area, each with its RESOURCES."""
