"""What the name of a field says about it, in the languages sketches come in."""

import re

# (words that a name may have, input type, autocomplete token); the first that fits counts
FIELDS = (
    (r"e-?mail|correo|mail|courriel", "email", "email"),
    (r"pass ?word|contrase|passwort|mot de passe|senha|\bpin\b", "password", "current-password"),
    (r"phone|\btel\b|tel[eé]fono|m[oó]vil|mobile|handy", "tel", "tel"),
    (r"first ?name|given|vorname|pr[eé]nom", "text", "given-name"),
    (r"last ?name|surname|family|apellido|nachname", "text", "family-name"),
    (r"user ?name|usuario|login|benutzer", "text", "username"),
    (r"company|organi[sz]ation|empresa|firma", "text", "organization"),
    (r"zip|post ?code|postal|\bplz\b", "text", "postal-code"),
    (r"city|town|ciudad|stadt|ville", "text", "address-level2"),
    (r"country|pa[ií]s|\bland\b|pays", "text", "country-name"),
    (r"address|direcci|adresse|street", "text", "address-line1"),
    (r"birthday|date of birth", "date", "bday"),
    (r"website|\burl\b|homepage", "url", "url"),
    (r"\bname\b|nombre|\bnom\b", "text", "name"),
)
MESSAGE = r"message|comment|mensaje|comentario|nachricht|remarks?|feedback|notes?\b|description|descripci"
RESET = r"\s*(cancel(ar)?|reset|clear|borrar|abbrechen|annuler)\b"


def field_hint(name: str) -> tuple[str, str] | None:
    """Input type and autocomplete token that a field of this name has for sure; None when the name does not tell."""
    for pattern, type, token in FIELDS:
        if re.search(pattern, name, re.IGNORECASE):
            return type, token
    return None


def asks_for_message(name: str) -> bool:
    return re.search(MESSAGE, name, re.IGNORECASE) is not None


def is_reset(button: str) -> bool:
    return re.match(RESET, button, re.IGNORECASE) is not None
