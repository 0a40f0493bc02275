"""What each site sends and what it means, as data that a researcher can read and a reviewer can diff.

`sources/` has a contract a source, `sites.yaml` the sites, `reference/` the programme's reference data, `indicators/`
each site's own indicators. `model`, `columns` and `reference` are their strict shape, `parse` reads a file, and `load`
all of them together. A site is named nowhere else.
"""
