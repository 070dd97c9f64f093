"""Errors: one line each, with values that cannot flood or command a terminal."""

from evenground.errors import DataError, Fault, few, shorten


def test_few__shows_five_and_counts_the_others() -> None:
    assert few(range(3)) == "0, 1, 2"
    assert few(range(5)) == "0, 1, 2, 3, 4"
    assert few(iter(range(9))) == "0, 1, 2, 3, 4 and 4 more"


def test_shorten__cuts_a_value_without_end() -> None:
    assert shorten("x" * 80) == "x" * 80
    assert shorten("x" * 81) == "x" * 80 + "..."
    assert len(few(["y" * 10_000] * 6)) < 500


def test_fault__stands_on_one_line_whatever_was_found() -> None:
    fault = Fault("a\n.csv", "holds 'é\x1b[31m\ud800'.", "Mend it.")

    assert str(fault) == r"a\n.csv: holds 'é\x1b[31m\ud800'. Mend it."


def test_data_error__lists_each_fault_on_its_line() -> None:
    error = DataError(Fault(name, "is odd.", "Mend it.") for name in "ab")

    assert str(error) == "a: is odd. Mend it.\nb: is odd. Mend it."
    assert len(error.faults) == 2
