"""``soleus matrix``: what every possible cause makes of every published study."""
