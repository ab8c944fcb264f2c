import inspect

import pytest

from msasss import errors
from msasss.errors import InputError, MsasssError, NetworkError, UsageError, WeightsError

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, MsasssError)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_is_drawn_in_the_tree(kind):
    assert kind.__name__ in inspect.getdoc(errors)


@pytest.mark.parametrize(
    ("kind", "exit_code"), [(MsasssError, 1), (UsageError, 2), (InputError, 3), (WeightsError, 4), (NetworkError, 5)]
)
def test_exit_codes_are_those_of_the_command_line(kind, exit_code):
    assert kind.exit_code == exit_code


@pytest.mark.parametrize("kind", InputError.__subclasses__(), ids=lambda kind: kind.__name__)
def test_every_input_that_cannot_be_scored_ends_with_3(kind):
    assert kind.exit_code == 3


def test_an_error_keeps_its_message():
    with pytest.raises(MsasssError, match="got 11"):
        raise InputError("got 11")  # noqa: EM101
