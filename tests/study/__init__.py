"""Tests of the study area; a package, so that names may recur in other folders."""
