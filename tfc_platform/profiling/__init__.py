"""What a file is before anybody has written a contract for it: its tool, its table, its columns, and a contract to edit.

`inspection` is the way in: bytes to an `Inspection`. It reads with the readers of `take_in`; what a tool's exports look like is
data (`tools/*.yaml`). `recognise` tells the tool, `tables` finds the table, `profile` looks at the columns, `draft` writes the
contract, `report` says it to people. Nothing here is kept, and no cell of a personal or free-text column is in anything that it
gives.
"""
