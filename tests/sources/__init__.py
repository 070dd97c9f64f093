"""Tests of reading and judging files; a package, so that names may recur."""
