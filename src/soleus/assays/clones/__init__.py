"""Clones: which cells are labelled sparsely, and what their clones are made of later; exact likelihood."""

from soleus.assays.clones.assay import CloneAssay
from soleus.assays.clones.classes import STEM_CLASSES, CloneClass
from soleus.assays.clones.label import SparseLabel
from soleus.assays.clones.sizes import JointClones

__all__ = ["STEM_CLASSES", "CloneAssay", "CloneClass", "JointClones", "SparseLabel"]
