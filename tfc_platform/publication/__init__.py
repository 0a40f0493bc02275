"""What may be published: the register of released tables, and the shape of a released table and its figures."""
