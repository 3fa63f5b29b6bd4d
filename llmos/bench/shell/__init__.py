"""`llmos bench shell`: is the shell quick while a model writes fast, and what does a long conversation cost?"""
