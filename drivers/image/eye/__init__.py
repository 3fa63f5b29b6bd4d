"""A small trained network that finds the elements of drawn pages and screens."""
