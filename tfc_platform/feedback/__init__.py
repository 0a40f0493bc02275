"""Feedback: what goes back to a site the same night, the safeguarding queue, the state of every source, and alarms."""
