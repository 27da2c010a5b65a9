"""``soleus run``: one simulated study, what follows from its effect, and what it cannot say."""
