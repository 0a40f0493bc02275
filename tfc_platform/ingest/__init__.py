"""Taking in: a dropped file becomes vaulted bytes, typed rows with their dispositions, texts kept apart, and a receipt.

In the order of the data: `landing` lists, `vault` keeps, `sniff` and `readers` turn bytes into a `grid` of cells, `header`
finds the columns, `rows`, `answers`, `cells` and `values` apply the contract, `screen` looks for disclosures, `store` and
`lake` write. `read` strings together what is pure, `run` what meets the disk.
"""
