"""The one place where Dagster meets the platform: thin wrappers round the rooms, and nothing that could be done without them.

`build` puts the definitions together; `platform` is the resource that every asset gets; `intake`, `marts`, `checks` and
`publishing` hold the assets in the order of the data; `schedules` says when, and who is told.
"""
