"""Erasure: a person's answers, a story or a whole file goes from everything that the platform keeps, for good.

`docs/erasure.md` says for a data-protection officer what goes, what stays, and why.
"""
