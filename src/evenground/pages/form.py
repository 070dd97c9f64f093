"""The files of what pages say: their names and form, known to who writes and who reads it."""

NAME, SUMMARY = "pages.json", "summary.json"
FORMAT = 2
"""Of the file; a page refuses another one."""
DIGITS = 5
"""Digits of a figure that are kept for the pages."""
