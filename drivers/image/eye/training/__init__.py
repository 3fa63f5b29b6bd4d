"""What only training the eye needs; the driver never imports it."""
