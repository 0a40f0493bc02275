"""Releases: the tables and files that everyone in the learning loop may read, and what can be done with them afterwards."""
