"""The task that Dask is handed; light, since a scheduler loads it as well.

What a run needs takes seconds to load, and no scheduler answers meanwhile.
"""


def carry_out_order(text: str) -> str:
    """Carry out one run, see :func:`evenground.sweep.task.carry_out`."""
    from evenground.sweep.task import carry_out  # noqa: PLC0415 - workers only

    return carry_out(text)
