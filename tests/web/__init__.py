"""Tests of the planners' pages and of what serves them."""
