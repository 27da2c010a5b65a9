"""The numbers that an answer about a study stands on, each with its source, and the works used."""
