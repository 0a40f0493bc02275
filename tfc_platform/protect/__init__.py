"""Protection: disclosure control over all published tables and earlier releases together, and the attacker that tries it.

Belongs here: what may be said of the persons in a snapshot, the audit of everything published (`audit`), and reading a release as
an attacker would. Does not belong: making figures (`dbt_project`), writing a release's files (`publish`), the verdict (`gate`).
"""
