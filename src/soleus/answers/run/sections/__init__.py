"""The words of a run: one section for each thing that a reader would look for."""
