"""Conversation by voice: ears, mouth, and the talk between a person and an app."""
