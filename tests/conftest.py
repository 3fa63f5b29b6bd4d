"""What holds for every test."""

import signal


def pytest_configure():
    # a shell that starts pytest in the background lets it ignore Ctrl-C, and so would every program that a test starts
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
