"""The widgets of a conversation, one for each kind of item."""
