"""GBNF of a small SVG: what a small model needs for a drawing, and nothing that it could get wrong.

Attributes are in single quotes, so that the whole stands in a JSON string as it is. Each shape begins with the name of
what it is: a small model that has said "hat" draws one where a hat belongs, and does not repeat itself without end.
"""

COLOURS = """none black white gray silver lightgray darkgray dimgray red crimson firebrick darkred tomato coral salmon
pink hotpink orange darkorange gold yellow khaki lightyellow green darkgreen forestgreen seagreen limegreen lime olive
lightgreen blue navy royalblue steelblue skyblue lightblue deepskyblue cyan teal turquoise purple indigo violet orchid
plum lavender brown saddlebrown sienna chocolate peru tan wheat beige ivory maroon"""

SVG = rf"""
svg ::= "<svg viewBox='0 0 " size " " size "'>" shape{{1,14}} "</svg>"
shape ::= rect | circle | ellipse | line | points | path | text
rect ::= "<rect" name " x='" n "' y='" n "' width='" n "' height='" n "'" (" rx='" n "'")? paint "/>"
circle ::= "<circle" name " cx='" n "' cy='" n "' r='" n "'" paint "/>"
ellipse ::= "<ellipse" name " cx='" n "' cy='" n "' rx='" n "' ry='" n "'" paint "/>"
line ::= "<line" name " x1='" n "' y1='" n "' x2='" n "' y2='" n "'" stroke "/>"
points ::= "<poly" ("gon" | "line") name " points='" n "," n (" " n "," n){{1,30}} "'" paint "/>"
path ::= "<path" name " d='M" [MLHVCSQTAZmlhvcsqtaz0-9 ,.-]{{1,300}} "'" paint "/>"
text ::= "<text" name " x='" n "' y='" n "' font-size='" n "'" (" text-anchor='middle'")? fill ">" letters "</text>"
letters ::= [^<>&"'\\\x00-\x1f]{{1,60}}
paint ::= fill stroke? | stroke
fill ::= " fill='" colour "'"
stroke ::= " stroke='" colour "' stroke-width='" n "'"
colour ::= "#" [0-9a-f]{{6}} | {" | ".join(f'"{name}"' for name in COLOURS.split())}
size ::= [1-9] [0-9]{{2}}
name ::= " id='" [a-z] [a-z-]{{1,20}} "'"
n ::= "-"? [0-9]{{1,3}}
"""
