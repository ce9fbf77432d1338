"""The pages, and the script that turns the messages into their TypeScript types."""
