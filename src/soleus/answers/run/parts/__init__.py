"""What each part of a run holds, made from what was conducted."""
