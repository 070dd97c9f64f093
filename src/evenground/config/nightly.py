"""Settings of a night: how long it may take, and who is told."""

from evenground.config.base import Positive, Settings, Texts


class NightlySettings(Settings):
    """What ``evenground nightly`` does around a run; none of it changes a number."""

    time_limit_s: Positive | None = None
    """Most seconds for the whole turn; the search gets what reading and writing leave."""
    command: Texts = ()
    """Program and arguments that are called after every turn, without a shell; the path of
    ``nightly.json`` comes last. Whoever may change the case file may run this."""
    command_timeout_s: Positive = 60.0
    """Most seconds that the command may take."""
