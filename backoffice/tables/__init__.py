"""Lists as files, and files as changes to lists."""
