"""Tests of the search; a package, so that names may recur."""
