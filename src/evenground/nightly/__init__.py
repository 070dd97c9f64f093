"""One unattended turn: lock, check, run within its time, compare with last night, report.

Loads nothing by itself, so that a second turn at once ends at once.
"""
