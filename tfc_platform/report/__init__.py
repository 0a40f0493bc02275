"""The annual report: a year's figures for each site and together, from one release, in a document that a person finishes.

Nothing here reads a mart, the warehouse or a return: what was not cleared for a release cannot be in its report.
"""
