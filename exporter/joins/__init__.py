"""Joints: what follows from several tables together, computed once per ClusterSnapshot and shared by all readers.

What belongs here: the join keys and rules by which HCO, SSP and CDI connect objects. What does not: judgements.
"""
