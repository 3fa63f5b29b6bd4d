"""Pages as people draw them, made by the thousand, with what is where on them known."""
