"""Pictures of a run, one small module each."""
