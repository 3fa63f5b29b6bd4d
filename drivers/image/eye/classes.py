"""What is told apart on a page. The order is that of the network's channels: add at the end only."""

from __future__ import annotations

from typing import Literal, get_args

Class = Literal[
    "Label",
    "Heading",
    "CheckBox",
    "Button",
    "TextBox",
    "Image",
    "Paragraph",
    "RadioButton",
    "ComboBox",
    "Link",
    "Navigation",
    "Table",
    "Card",
    "Icon",
    "Divider",
    "TextArea",
    "Slider",
    "Toggle",
    "Video",
    "Chart",
    "Annotation",
]
CLASSES: tuple[Class, ...] = get_args(Class)
TEXTS = ("Label", "Heading", "Link")  # one line of writing each
HOLDERS = ("Navigation", "Table", "Card", "Annotation")  # have others in them, and no place of their own in a row
