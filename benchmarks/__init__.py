"""What a night costs, measured: see README.md here."""
