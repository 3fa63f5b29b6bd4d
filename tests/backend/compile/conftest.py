import pytest

from tests.backend.compile.compiled import Compiled


@pytest.fixture
def make_compiled(tmp_path):
    made = []

    def make(**settings):
        made.append(Compiled(tmp_path, **settings))
        return made[-1]

    yield make
    for compiled in made:
        compiled.close()


@pytest.fixture
def compiled(make_compiled):
    return make_compiled()
