"""What a backend costs and keeps, measured: `llmos bench backend`."""
