"""Where a city should spend so that the gap in healthy living closes."""
