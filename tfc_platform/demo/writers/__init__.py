"""One module per tool: each renders what is true, with its mess, as that tool would export it.

A writer takes records of `truth`, `mess`, `respondents` or `stories` and gives bytes with their ledger (`Rendered`). It
draws nothing by lot and decides no row's end; it only knows the tool's layout and where in it each row stands.
"""
