"""``soleus panel``: what each cause does to each read-out, and which stains tell two causes apart."""
