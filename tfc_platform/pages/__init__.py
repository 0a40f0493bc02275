"""The pages of a release: an overview, a page a site, one for young people. Static HTML from the release alone."""

from tfc_platform.pages.write_pages import write_pages

__all__ = ["write_pages"]
