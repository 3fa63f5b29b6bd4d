"""Starting again, slower each time, and not for ever."""

from llmos.engines.backoff import Backoff


class Clock:
    seconds = 0.0

    def __call__(self):
        return self.seconds


def test_each_death_within_the_window_waits_twice_as_long_until_it_is_given_up():
    backoff = Backoff(limit=5, first_seconds=0.5, clock=Clock())
    delays = []
    for _ in range(5):
        backoff.died()
        delays.append(backoff.delay_seconds())
    assert delays == [0.0, 0.5, 1.0, 2.0, None]


def test_deaths_before_the_window_are_forgiven():
    clock = Clock()
    backoff = Backoff(limit=2, window_seconds=60, clock=clock)
    backoff.died()
    backoff.died()
    assert backoff.delay_seconds() is None
    clock.seconds = 61
    backoff.died()
    assert backoff.delay_seconds() == 0.0
