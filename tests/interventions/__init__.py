"""Tests of the catalogue and the options; a package, so that names may recur in other folders."""
