"""Pages as a browser shows them, with what is where on them read from the page itself."""
