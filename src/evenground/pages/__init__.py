"""The planners' pages: what they say, gathered once by a run, and how they are shown."""
