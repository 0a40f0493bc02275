"""Build the marts: the lake's views, dbt's manifest, one dbt command a build, and the record of what was built."""
