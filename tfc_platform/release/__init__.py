"""Publishing: the marts for named researchers, then a release for everyone in the learning loop.

Belongs here: the research database, the protection of what is released, a release's files, and what can be done with
releases afterwards. Does not belong: the verdict of the gate (`check/gate.py`), which publishing asks for.
"""
