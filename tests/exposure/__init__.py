"""Tests of the exposure layers; a package, so that names may recur in other folders."""
