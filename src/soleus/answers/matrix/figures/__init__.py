"""The pictures of the matrix: the heat-map, the evidence, and what each study was predicted to find."""
