"""The planners' page, served: who may ask, what may be written, and what is computed anew."""
