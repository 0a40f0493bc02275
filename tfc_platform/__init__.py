"""TfC Platform: from what the sites drop each night to a release that is safe to use.

The rooms, in the order of the data: `contracts` (what a source is), `take_in`, `admit`, `build`, `check`,
`publish`, `tell`; `orchestrate` is the one place where Dagster meets them, `cli` the one where a person does.
Nothing here runs at import.
"""

__version__ = "0.1.0"
