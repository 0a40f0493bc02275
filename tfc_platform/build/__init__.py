"""Building the marts: the lake's views, dbt's prepared manifest, one dbt build in this process, and what was built.

Belongs here: everything that knows dbt or the working warehouse's layout. Does not belong: what counts tonight (admit),
whether the marts are good (check), and who may see them (publish).
"""
