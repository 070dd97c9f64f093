"""Tests of the scores; a package, so that names may recur in other folders."""
