"""Text for a scheduler: a service and a timer of systemd, and a line of cron to fall back on."""

import shlex
from pathlib import Path


def tell_units(command: list[str], case: str, hour: int = 2) -> str:
    """Return the units, each under a line with the file in which it goes, and the cron line.

    Parameters
    ----------
    command
        Absolute path of the program, and its arguments.
    case
        Id of the case, by which the units are named.
    """
    name, started = f"evenground-{case}", " ".join(map(quote, command))
    cron = shlex.join(command).replace("%", "\\%")
    return f"""# /etc/systemd/system/{name}.service
{service(started, case)}
# /etc/systemd/system/{name}.timer
{timer(case, hour)}
# Without systemd, in a crontab:
# 0 {hour} * * * {cron}
"""


def service(started: str, case: str) -> str:
    """Return the service of one turn."""
    return f"""[Unit]
Description=evenground, nightly run of {case}

[Service]
Type=oneshot
ExecStart={started}
Nice=10
NoNewPrivileges=true
PrivateTmp=true
"""


def timer(case: str, hour: int) -> str:
    """Return the timer that starts the turn, also after a night with the machine off."""
    return f"""[Unit]
Description=Every night: evenground, {case}

[Timer]
OnCalendar=*-*-* {hour:02d}:00:00
Persistent=true

[Install]
WantedBy=timers.target
"""


def quote(word: str) -> str:
    """Return a word as systemd reads it back."""
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{text}"' if any(sign in text for sign in " \t'\"\\;") or not text else text


def absolute(path: Path) -> str:
    """Return a path that does not hang on where the scheduler starts."""
    return str(path.absolute())
