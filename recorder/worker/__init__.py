"""The worker's process: what is made of takes after the bell."""
