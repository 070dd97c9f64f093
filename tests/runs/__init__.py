"""Tests of run directories: what they say, their list, and what happens to them."""
