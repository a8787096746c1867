"""Answers to ``pyspark.mllib.clustering``."""
