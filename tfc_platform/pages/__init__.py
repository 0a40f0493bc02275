"""The pages of a release: a first page, all figures, a page for each site, one for young people. Static HTML."""
