"""The Dagster project: assets, checks, jobs, schedules and sensors, as thin wrappers round the other rooms."""
