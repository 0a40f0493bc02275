"""Erasing: a person's answers, a story or a whole file goes from everything that the platform keeps, for good.

In the order of what happens: `request` finds what an id means and refuses where that is not plain, `tombstones` writes down
the intent as keyed tokens, `remove` carries it out over the whole home and can be run again at any point, `ledger` says
afterwards that it was done. `identities` says whose a row of a return is, `redact` empties rows in each format, and `clean` joins
the two: taking in asks it before anything of a file is kept. `releases` takes away what may not be read any more.

`docs/erasure.md` says for a data-protection officer what goes, what stays, and why.
"""
