"""``soleus claims``: what is true of every statement of the article, in plain words and by one rule."""
