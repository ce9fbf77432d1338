"""A classroom without a browser: publishes files, counts or decodes what it receives, and stays in the lesson."""
