"""Knows the rules of chess."""
