"""Tests of the invented town."""
