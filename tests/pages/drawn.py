"""Small drawn pages, as `image.see` would tell them."""


def element(id, kind, text="", left=0.1, top=0.0, width=0.3, height=0.05, **more):
    box = {"left": left, "top": top, "width": width, "height": height}
    return {"id": id, "class": kind, "box": box, "text": text, "score": 0.9, **more}


def leaf(id):
    return {"type": "element", "id": id}


def row(*children):
    return {"type": "row", "children": list(children)}


def column(*children):
    return {"type": "column", "children": list(children)}


def seen(elements, layout=None):
    layout = layout or column(*(leaf(e["id"]) for e in elements))
    return {"kind": "page", "width": 900, "height": 1200, "elements": elements, "layout": layout, "text": ""}


def contact():
    """A heading, two fields side by side, a choice of three, a check box, a link and a button."""
    elements = [
        element(1, "Heading", "Contact us", top=0.02),
        element(2, "Label", "Name", top=0.1),
        element(3, "TextBox", "", top=0.16, caption=2),
        element(4, "Label", "E-mail", left=0.55, top=0.1),
        element(5, "TextBox", "you@home", left=0.55, top=0.16, caption=4),
        element(6, "Label", "Topic", top=0.25),
        element(7, "RadioButton", "Praise", top=0.3, checked=True),
        element(8, "RadioButton", "Question", top=0.36, checked=False),
        element(9, "Label", "Country", top=0.45),
        element(10, "ComboBox", "Choose", top=0.5, caption=9),
        element(11, "CheckBox", "Call me back", top=0.6, checked=False),
        element(12, "Link", "Privacy", top=0.7),
        element(13, "Button", "SEND", top=0.8),
        element(14, "Image", "", top=0.9),
    ]
    pair = row(column(leaf(2), leaf(3)), column(leaf(4), leaf(5)))
    rest = (leaf(id) for id in range(6, 15))
    return seen(elements, column(leaf(1), pair, *rest))


def written():
    """What a model might write for it."""
    return """<h1>Contact us</h1>
<form>
<div>
<label>Name<input type=text></label>
<label>E-mail<input type=text placeholder="you@home"></label>
</div>
<fieldset>
<legend>Topic</legend>
<label><input type=radio>Praise</label>
<label><input type=radio>Question</label>
</fieldset>
<label>Country<select><option>Choose<option>France<option>Spain</select></label>
<label><input type=checkbox>Call me back</label>
<a>Privacy</a>
<button>SEND</button>
</form>
<img alt="Two people on the phone">"""


def static():
    return seen([element(1, "Heading", "Our story"), element(2, "Paragraph", "", top=0.2)])


def basket():
    """A number between minus and plus, and two buttons: a form without a drawn field."""
    elements = [
        element(1, "Label", "Apples", top=0.1),
        element(2, "Button", "-", left=0.5, top=0.1, width=0.05),
        element(3, "Label", "2", left=0.57, top=0.1, width=0.03),
        element(4, "Button", "+", left=0.62, top=0.1, width=0.05),
        element(5, "Label", "$ 4.50", left=0.8, top=0.1, width=0.1),
        element(6, "Button", "SAVE", top=0.3),
        element(7, "Button", "BUY", left=0.6, top=0.3),
    ]
    return seen(elements, column(row(*(leaf(id) for id in range(1, 6))), row(leaf(6), leaf(7))))
