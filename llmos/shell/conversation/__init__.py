"""One tab is one process: what was said and done in it, folded from its events, and the widgets that show it."""
