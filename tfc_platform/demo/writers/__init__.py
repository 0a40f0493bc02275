"""One module a tool: it lays out the rows as that tool would export them, and gives the bytes with their ledger."""
