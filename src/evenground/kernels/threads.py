"""How many threads a loop wakes."""

from collections.abc import Iterator
from contextlib import contextmanager

from numba import get_num_threads, set_num_threads


@contextmanager
def one_thread(*, when: bool = True) -> Iterator[None]:
    """Run short loops on the thread that asks for them: to wake others takes some 8 us each time.

    Parameters
    ----------
    when
        Whether to; else all threads are woken.
    """
    before = get_num_threads()
    set_num_threads(1 if when else before)
    try:
        yield
    finally:
        set_num_threads(before)
