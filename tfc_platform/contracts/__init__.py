"""What each site sends and what it means, as data that a researcher can read and a reviewer can compare.

`sources/` has a contract a source, `sites.yaml` the sites, `reference/` the programme's reference data, `indicators/` each
site's own indicators. No code names a site.
"""
