"""Sweeps: designs, results that survive, shared places, and what is told."""
