import pytest

from llmos.pages.wording import is_faithful, slug


@pytest.mark.parametrize(
    ("read", "written"),
    [
        ("Stipping Info", "Shipping Info"),
        ("LastName", "Last Name"),
        ("Pass woed", "Password"),
        ("Conlim Password", "Confirm Password"),
        ("Dexniption", "Description"),
        ("subscribe to owr", "Subscribe to our"),
        ("Direccion", "Dirección"),
    ],
)
def test_a_misread_text_may_be_corrected(read, written):
    assert is_faithful(written, read)


@pytest.mark.parametrize(
    ("read", "written"),
    [
        ("Amazing deals Upates B", "Amazing deals and Up"),
        ("Subscribe to our", "Subscribe to our bi"),
        ("Forma de pago", "Payment method"),
        ("14 days - $6.59", "14 days - $6.99"),
        ("Title", "Title Title"),
    ],
)
def test_words_that_were_not_read_are_no_correction(read, written):
    assert not is_faithful(written, read)


def test_names_are_plain_and_short():
    assert slug("¿Olvidó su contraseña?") == "olvido_su_contrasena"
    assert slug("Let's get healthy", "-") == "lets-get-healthy"
    assert len(slug("I agree to the terms and conditions of this and every other site")) <= 32
