"""The comparison of soleus with other programs: ``python -m benchmarks`` from the project's root."""
