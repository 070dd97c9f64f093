"""Tests of what people open."""
