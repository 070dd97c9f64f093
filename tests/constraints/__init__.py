"""Tests of the constraints; a package, so that names may recur in other folders."""
