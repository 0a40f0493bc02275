"""Sheets: a file's bytes become sheets of cells with the address that the sender sees, whatever the format."""
