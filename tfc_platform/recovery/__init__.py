"""What is damaged in a home, what of it can be made again, and the backup of what cannot."""
