"""Answers to ``pyspark.mllib.tree``."""
