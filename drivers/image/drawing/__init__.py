"""Pictures that are made: from SVG, from a few plain lines, from numbers."""
