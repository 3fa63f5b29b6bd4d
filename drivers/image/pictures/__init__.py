"""Pictures in, pictures out: a part cut out, marks on a copy, two compared."""
