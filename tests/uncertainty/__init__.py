"""Tests of the ensemble; a package, so that names may recur in other folders."""
